/** The keys that name one contract of a tenant, in the order in which an upsert tries them. */
import { InvalidInputError, Refusal } from '../errors.ts';
import { parseId } from '../global-id.ts';
import type { Key } from '../write/record.ts';
import { unstorable } from '../write/rules.ts';

/** As GraphQL gives it: exactly one of the three, which `@oneOf` has checked. */
export type EnergyContractKeyInput = {
  id?: string | null;
  externalId?: string | null;
  meter?: { userId: string; meterId: string } | null;
};

type KeyColumns = { id: string; externalId: string | null; userId: string; meterId: string | null };

export type EnergyContractKey = Key<KeyColumns>;

/** The keys that are complete among these values. User and meter may have several contracts, one after the other. */
export function energyContractKeys({ id, externalId, userId, meterId }: Partial<KeyColumns>): EnergyContractKey[] {
  const keys: EnergyContractKey[] = [];
  if (id !== undefined) {
    keys.push({ name: 'contractId', where: { id }, holds: (contract) => contract.id === id });
  }
  if (externalId != null) {
    keys.push({ name: 'externalId', where: { externalId }, holds: (contract) => contract.externalId === externalId });
  }
  if (userId !== undefined && meterId != null) {
    keys.push({
      name: 'meterId',
      where: { userId, meterId },
      holds: (contract) => contract.userId === userId && contract.meterId === meterId,
      shared: true,
    });
  }
  return keys;
}

/**
 * The key in a `by` argument.
 *
 * @throws Refusal when its ID is malformed or that of another type, or its text cannot exist in the database.
 */
export function energyContractKey({ id, externalId, meter }: EnergyContractKeyInput): EnergyContractKey {
  const problem = unstorable(externalId ?? meter?.meterId ?? '');
  if (problem !== undefined) throw new Refusal([new InvalidInputError(['by'], problem)]);
  const [key] = energyContractKeys({
    ...meter,
    ...(id != null && { id: parseId('EnergyContract', id, ['by', 'id']) }),
    ...(externalId != null && { externalId }),
  });
  if (key === undefined) throw new Refusal([new InvalidInputError(['by'], 'Give exactly one key.')]);
  return key;
}
