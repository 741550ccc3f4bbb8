/** What a client may write of a customer: every field with its rule, and what is odd but accepted. */
import { z } from 'zod';
import { link, list, optional, required, type Values } from '../write/fields.ts';
import { emailAddress, entries, idOf, KEY_LENGTH, oneOf, shortText, text } from '../write/rules.ts';
import type { Warning } from '../write/written.ts';

export const CUSTOMER_TYPES = {
  PRIVATE: 'A person.',
  CORPORATE: 'A company or another organization.',
} as const;

export const ACCUMULATION_PERIODS = {
  DEFAULT: "As the tenant's terms say.",
  DIRECT: 'Each purchase at once.',
  DAILY: 'Once a day.',
  WEEKLY: 'Once a week.',
  MONTHLY: 'Once a month.',
  QUARTERLY: 'Once a quarter.',
  YEARLY: 'Once a year.',
} as const;

export type CustomerType = keyof typeof CUSTOMER_TYPES;
export type AccumulationPeriod = keyof typeof ACCUMULATION_PERIODS;
/** A key in another system, and the name of that system. */
export type ExternalReference = { reference: string; name: string | null };

export const MAX_REFERENCES = 100;

const references = entries(
  z.object({
    reference: shortText(KEY_LENGTH),
    name: text.nullish().transform((name) => name ?? null),
  }),
  'reference',
  MAX_REFERENCES,
);

const organizationNumber = shortText(KEY_LENGTH).refine(
  (number) => organizationNumberKey(number) !== '',
  'Use a number that has more than spaces and hyphens.',
);

export const co2CustomerFields = {
  email: {
    ...required(
      'String',
      emailAddress.pipe(shortText(KEY_LENGTH)),
      'E-mail address, kept as given; unique among your customers without regard to case. Needed to create.',
    ),
    output: 'EmailAddress',
  },
  customerType: required(
    'CustomerType',
    oneOf(CUSTOMER_TYPES),
    'Person or organization. When absent at creation: CORPORATE with a business name or organization number, else PRIVATE.',
    {
      initial: ({ businessName, organizationNumber: number }): CustomerType =>
        businessName != null || number != null ? 'CORPORATE' : 'PRIVATE',
    },
  ),
  firstName: optional('String', text, 'First name of a person.'),
  lastName: optional('String', text, 'Last name of a person.'),
  businessName: optional('String', shortText(KEY_LENGTH), 'Name of an organization, 1–500 characters.'),
  organizationNumber: optional(
    'String',
    organizationNumber,
    'Registration number of an organization, kept as given; unique among your customers without regard to case, spaces and hyphens.',
  ),
  externalReferences: list<ExternalReference>(
    'ExternalReferenceInput',
    references,
    'Keys in other systems; each belongs to one of your customers. At most 100, each once. An upsert adds to them, a patch replaces them.',
    'ExternalReference',
  ),
  accumulationPeriod: required(
    'AccumulationPeriod',
    oneOf(ACCUMULATION_PERIODS),
    'How long purchases are collected before they are compensated; DEFAULT at creation.',
    { initial: 'DEFAULT' },
  ),
  companyId: link(
    idOf('Company'),
    'The company that the customer belongs to: its global ID or bare UUID; `null` for none.',
  ),
};

export type Co2CustomerValues = Values<typeof co2CustomerFields>;

/** What makes two e-mail addresses the same. */
export function emailKey(email: string): string {
  return email.toLowerCase();
}

/** What makes two organization numbers the same. Documents and web pages have hyphens other than that of the keyboard. */
export function organizationNumberKey(number: string): string {
  return number.replaceAll(/[\s\p{Dash_Punctuation}]/gu, '').toUpperCase();
}

/** What is odd about a customer as it would be stored. */
export function co2CustomerWarnings(customer: Co2CustomerValues, path: readonly string[]): Warning[] {
  if (customer.customerType !== 'CORPORATE' || customer.businessName !== null) return [];
  return [{ path: [...path, 'businessName'], message: 'A corporate customer usually has a businessName.' }];
}
