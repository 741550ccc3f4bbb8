/** Writes to energy contracts: what is theirs alone; how a write goes is `write/operations.ts`. */
import type { TenantDatabase, Transaction } from '../database/client.ts';
import { InvalidInputError, Refusal, refuseIfAny } from '../errors.ts';
import type { EnergyContract } from '../generated/prisma/client.ts';
import type { Input } from '../write/fields.ts';
import { parseFields } from '../write/fields.ts';
import { type Link, missingLinks } from '../write/links.ts';
import { RecordOperations } from '../write/operations.ts';
import { type Draft, stamp } from '../write/record.ts';
import type { Warning } from '../write/written.ts';
import { contractProblems, contractWarnings, type EnergyContractValues, energyContractFields } from './input.ts';
import { type EnergyContractKeyInput, energyContractKey, energyContractKeys } from './keys.ts';
import { mergePrices, replacePrices } from './series.ts';

/** A contract's row; its prices are rows of their own and not part of it. */
export type EnergyContractRow = EnergyContract;

/** Register, upsert, patch and delete contracts. */
export const contracts = new RecordOperations<typeof energyContractFields, EnergyContractRow>({
  name: 'EnergyContract',
  noun: 'contract',
  idField: 'contractId',
  fields: energyContractFields,
  rowFields: { energyPrices: replacePrices },
  keys: energyContractKeys,
  async check(transaction, draft, path) {
    const { companyId, co2CustomerId } = draft.given;
    const links: Link[] = [
      { field: 'companyId', noun: 'company', id: companyId },
      { field: 'co2CustomerId', noun: 'customer', id: co2CustomerId },
    ];
    const problems = contractProblems(draft.values, await hasPrices(transaction, draft), path);
    return [...problems, ...(await missingLinks(transaction, links, path))];
  },
  warnings: contractWarnings,
  values: (contract) => ({ ...contract, energyPrices: [] }) as EnergyContractValues,
  find: ({ energyContract, tenantId }, where) =>
    energyContract.findMany({ where: { ...where, tenantId }, orderBy: { id: 'asc' } }),
  create: ({ energyContract, tenantId }, id, { energyPrices: _, ...columns }) =>
    energyContract.create({ data: { ...columns, id, tenantId } }),
  update: ({ energyContract, tenantId }, { id }, { energyPrices: _, ...changed }, stamp) =>
    energyContract.update({ where: { tenantId_id: { tenantId, id } }, data: { ...changed, ...stamp } }),
  async delete({ energyContract, tenantId }, { id }) {
    await energyContract.delete({ where: { tenantId_id: { tenantId, id } } });
  },
});

/** Whether the contract would have prices: those given replace those there are. */
async function hasPrices(
  { energyPrice, tenantId }: Transaction,
  { id, given }: Draft<typeof energyContractFields>,
): Promise<boolean> {
  if (given.energyPrices !== undefined) return given.energyPrices.length > 0;
  if (id === undefined) return false;
  return (await energyPrice.findFirst({ where: { tenantId, contractId: id }, select: { price: true } })) !== null;
}

/** What appending did: the contract, how many prices are new or changed, and what is odd. */
export type Appended = { row: EnergyContractRow; written: number; warnings: readonly Warning[] };

/**
 * Merges prices into the series by timestamp. Appending the same prices again writes nothing and leaves the version alone.
 *
 * @throws Refusal with every problem of the prices, or when the contract is not there or has no currency.
 */
export async function appendEnergyPrices(
  { db }: { db: TenantDatabase },
  by: EnergyContractKeyInput,
  prices: Input[string],
): Promise<Appended> {
  const key = energyContractKey(by);
  const { values, problems } = parseFields(
    { energyPrices: energyContractFields.energyPrices },
    { energyPrices: prices },
    [],
  );
  return db.transaction(async (transaction) => {
    const row = await contracts.lockOne(transaction, key);
    refuseIfAny(problems);
    const { energyPrices = [] } = values;
    if (energyPrices.length > 0 && row.currencyEnergyPrice === null) {
      const message = 'Set the currencyEnergyPrice of the contract first.';
      throw new Refusal([new InvalidInputError(['energyPrices'], message, { code: 'REQUIRED' })]);
    }
    const written = await mergePrices(transaction, row.id, energyPrices);
    const warnings = contractWarnings({ ...row, energyPrices } as EnergyContractValues, []);
    if (written === 0) return { row, written, warnings };
    const { energyContract, tenantId } = transaction;
    const where = { tenantId_id: { tenantId, id: row.id } };
    return { row: await energyContract.update({ where, data: stamp() }), written, warnings };
  });
}

/** Takes the link to a company or customer from its contracts, which stay. Counts as a change of each. */
export async function unlinkContracts(
  { energyContract, tenantId }: Transaction,
  linked: { companyId: string } | { co2CustomerId: string },
): Promise<void> {
  const cleared = 'companyId' in linked ? { companyId: null } : { co2CustomerId: null };
  await energyContract.updateMany({ where: { tenantId, ...linked }, data: { ...cleared, ...stamp() } });
}
