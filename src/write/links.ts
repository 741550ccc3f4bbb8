import type { Transaction } from '../database/client.ts';
import { NotFoundError } from '../errors.ts';

/** A link that an input gives: the field, the word for the record, and how many records of the tenant have the ID. */
export type Link = {
  field: string;
  noun: string;
  id: string | null | undefined;
  count(transaction: Transaction, id: string): Promise<number>;
};

/** One error for each link to a record that does not exist; one of another tenant does not exist either. */
export async function missingLinks(
  transaction: Transaction,
  links: readonly Link[],
  path: readonly string[],
): Promise<NotFoundError[]> {
  const errors: NotFoundError[] = [];
  for (const { field, noun, id, count } of links) {
    if (id == null || (await count(transaction, id)) > 0) continue;
    errors.push(
      new NotFoundError([...path, field], `There is no such ${noun}: create it first, or leave ${field} out.`),
    );
  }
  return errors;
}
