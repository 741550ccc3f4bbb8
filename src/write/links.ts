import type { Transaction } from '../database/client.ts';
import { NotFoundError } from '../errors.ts';

/** How many of the tenant's records, by the word for them, have this ID. */
const COUNT = {
  company: ({ company, tenantId }: Transaction, id: string) => company.count({ where: { tenantId, id } }),
  customer: ({ co2Customer, tenantId }: Transaction, id: string) => co2Customer.count({ where: { tenantId, id } }),
};

/** A link that an input gives: the field, and the record that it names. */
export type Link = { field: string; noun: keyof typeof COUNT; id: string | null | undefined };

/** One error for each link to a record that does not exist; one of another tenant does not exist either. */
export async function missingLinks(
  transaction: Transaction,
  links: readonly Link[],
  path: readonly string[],
): Promise<NotFoundError[]> {
  const errors: NotFoundError[] = [];
  for (const { field, noun, id } of links) {
    if (id == null || (await COUNT[noun](transaction, id)) > 0) continue;
    errors.push(
      new NotFoundError([...path, field], `There is no such ${noun}: create it first, or leave ${field} out.`),
    );
  }
  return errors;
}
