/** The keys that name one company of a tenant, in the order in which an upsert tries them. */
import { InvalidInputError, Refusal } from '../errors.ts';
import type { Company } from '../generated/prisma/client.ts';
import { parseId } from '../global-id.ts';
import type { Key } from '../write/record.ts';
import { unstorable } from '../write/rules.ts';

/** As GraphQL gives it: exactly one of the three, which `@oneOf` has checked. */
export type CompanyKeyInput = {
  id?: string | null;
  externalId?: string | null;
  registration?: { country: string; registrationNumber: string } | null;
};

export type CompanyKey = Key<KeyColumns>;

type KeyColumns = Pick<Company, 'id' | 'externalId' | 'country' | 'registrationNumber'>;

/** The keys that are complete among these values. */
export function companyKeys({ id, externalId, country, registrationNumber }: Partial<KeyColumns>): CompanyKey[] {
  const keys: CompanyKey[] = [];
  if (id !== undefined) {
    keys.push({ name: 'companyId', where: { id }, holds: (company) => company.id === id });
  }
  if (externalId != null) {
    keys.push({ name: 'externalId', where: { externalId }, holds: (company) => company.externalId === externalId });
  }
  if (country !== undefined && registrationNumber != null) {
    keys.push({
      name: 'registrationNumber',
      where: { country, registrationNumber },
      holds: (company) => company.country === country && company.registrationNumber === registrationNumber,
    });
  }
  return keys;
}

/**
 * The key in a `by` argument.
 *
 * @throws Refusal when its ID is malformed or that of another type, or its text cannot exist in the database.
 */
export function companyKey(by: CompanyKeyInput, path: readonly string[] = ['by']): CompanyKey {
  const { externalId, registration } = by;
  const id = by.id == null ? undefined : parseId('Company', by.id, [...path, 'id']);
  assertStorable(externalId, [...path, 'externalId']);
  assertStorable(registration?.registrationNumber, [...path, 'registration', 'registrationNumber']);
  const [key] = companyKeys({ ...registration, ...(id && { id }), ...(externalId != null && { externalId }) });
  if (key === undefined) throw new Refusal([new InvalidInputError(path, 'Give exactly one key.')]);
  return key;
}

function assertStorable(text: string | null | undefined, path: readonly string[]): void {
  const problem = text == null ? undefined : unstorable(text);
  if (problem !== undefined) throw new Refusal([new InvalidInputError(path, problem)]);
}
