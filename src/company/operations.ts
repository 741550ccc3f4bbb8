/** Writes to companies: what is theirs alone; how a write goes is `write/operations.ts`. */
import type { TenantDatabase } from '../database/client.ts';
import type { Refused } from '../errors.ts';
import type { Company } from '../generated/prisma/client.ts';
import type { Input } from '../write/fields.ts';
import { RecordOperations } from '../write/operations.ts';
import type { Written } from '../write/written.ts';
import { type CompanyValues, companyFields, companyWarnings } from './input.ts';
import { type CompanyKeyInput, companyKey, companyKeys } from './keys.ts';

/** A company's row. The database gives JSON columns back as anything; `input.ts` alone decides what goes in. */
export type CompanyRow = Omit<Company, keyof CompanyValues> & CompanyValues;

export type WriteContext = { db: TenantDatabase };

const companies = new RecordOperations<typeof companyFields, CompanyRow>({
  name: 'Company',
  noun: 'company',
  idField: 'companyId',
  fields: companyFields,
  keys: companyKeys,
  warnings: companyWarnings,
  find: (transaction, where) =>
    rows(transaction.company.findMany({ where: { ...where, tenantId: transaction.tenantId }, orderBy: { id: 'asc' } })),
  create: ({ company, tenantId }, id, values) => row(company.create({ data: { ...values, id, tenantId } })),
  update: ({ company, tenantId }, { id }, changed, stamp) =>
    row(company.update({ where: { tenantId_id: { tenantId, id } }, data: { ...changed, ...stamp } })),
  async delete({ company, tenantId }, { id }) {
    await company.delete({ where: { tenantId_id: { tenantId, id } } });
  },
});

const row = (company: Promise<Company>) => company as Promise<CompanyRow>;
const rows = (found: Promise<Company[]>) => found as Promise<CompanyRow[]>;

export async function createCompany({ db }: WriteContext, input: Input): Promise<Written<CompanyRow>> {
  return companies.create(db, input, ['input']);
}

/** Creates, or patches the company that `companyId`, `externalId` or country with registration number names. */
export async function upsertCompany({ db }: WriteContext, input: Input): Promise<Written<CompanyRow>> {
  return companies.upsert(db, input, ['input']);
}

/** Upserts the items in their order, each on its own. */
export async function upsertCompanies(
  { db }: WriteContext,
  items: readonly Input[],
): Promise<(Written<CompanyRow> | Refused)[]> {
  return companies.upsertAll(db, items);
}

export async function patchCompany(
  { db }: WriteContext,
  by: CompanyKeyInput,
  patch: Input,
  ifVersion?: number | null,
): Promise<Written<CompanyRow>> {
  return companies.patch(db, companyKey(by), patch, ifVersion);
}

/** Removes what this service stores about the company. What belongs to other services stays with them. */
export async function deleteCompany(
  { db }: WriteContext,
  by: CompanyKeyInput,
  ifVersion?: number | null,
): Promise<CompanyRow> {
  return companies.delete(db, companyKey(by), ifVersion);
}
