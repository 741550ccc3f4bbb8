/** The keys that name one customer of a tenant, in the order in which an upsert tries them. */
import { InvalidInputError, Refusal } from '../errors.ts';
import { parseId } from '../global-id.ts';
import type { Key } from '../write/record.ts';
import { unstorable } from '../write/rules.ts';
import { type Co2CustomerValues, type ExternalReference, emailKey, organizationNumberKey } from './input.ts';

/** As GraphQL gives it: exactly one of the four, which `@oneOf` has checked. */
export type Co2CustomerKeyInput = {
  id?: string | null;
  externalReference?: string | null;
  organizationNumber?: string | null;
  email?: string | null;
};

/** The columns that keys are judged by. */
export type KeyColumns = {
  id: string;
  emailKey: string;
  organizationNumberKey: string | null;
  externalReferences: readonly ExternalReference[];
};

export type Co2CustomerKey = Key<KeyColumns>;

/** The keys among these values: the ID, each reference, the organization number, the e-mail address. */
export function co2CustomerKeys(values: { id?: string } & Partial<Co2CustomerValues>): Co2CustomerKey[] {
  const { id, externalReferences = [], organizationNumber, email } = values;
  return [
    ...(id === undefined ? [] : [byId(id)]),
    ...externalReferences.map(({ reference }) => byReference(reference)),
    ...(organizationNumber == null ? [] : [byOrganizationNumber(organizationNumber)]),
    ...(email === undefined ? [] : [byEmail(email)]),
  ];
}

/**
 * The key in a `by` argument.
 *
 * @throws Refusal when its ID is malformed or that of another type, or its text cannot exist in the database.
 */
export function co2CustomerKey(by: Co2CustomerKeyInput): Co2CustomerKey {
  if (by.id != null) return byId(parseId('Co2Customer', by.id, ['by', 'id']));
  const [[name, text] = ['by', ''] as const] = Object.entries(by).filter(([, value]) => value != null);
  const problem = unstorable(text ?? '');
  if (problem !== undefined) throw new Refusal([new InvalidInputError(['by', name], problem)]);
  if (by.externalReference != null) return byReference(by.externalReference);
  if (by.organizationNumber != null) return byOrganizationNumber(by.organizationNumber);
  if (by.email != null) return byEmail(by.email);
  throw new Refusal([new InvalidInputError(['by'], 'Give exactly one key.')]);
}

function byId(id: string): Co2CustomerKey {
  return { name: 'customerId', where: { id }, holds: (customer) => customer.id === id };
}

function byReference(reference: string): Co2CustomerKey {
  return {
    name: 'externalReferences',
    where: { externalReferences: { some: { reference } } },
    holds: ({ externalReferences }) => externalReferences.some((held) => held.reference === reference),
  };
}

function byOrganizationNumber(number: string): Co2CustomerKey {
  const key = organizationNumberKey(number);
  return {
    name: 'organizationNumber',
    where: { organizationNumberKey: key },
    holds: (customer) => customer.organizationNumberKey === key,
  };
}

function byEmail(email: string): Co2CustomerKey {
  const key = emailKey(email);
  return { name: 'email', where: { emailKey: key }, holds: (customer) => customer.emailKey === key };
}
