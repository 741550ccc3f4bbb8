/** What the operations need to know of a type of record, in the words of that type. */
import type { Transaction } from '../database/client.ts';
import type { UserError } from '../errors.ts';
import type { Fields, Values } from './fields.ts';
import type { Warning } from './written.ts';

/** The columns that every record has beside those of its table of fields. */
export type RecordRow = { id: string; version: number };

/** One way to name a record, with its value. */
export type Key<Row> = {
  /** The input field, or of several the one that an error should point at. */
  name: string;
  /** The condition in Prisma's terms, without the tenant. */
  where: Readonly<Record<string, unknown>>;
  holds(row: Row): boolean;
  /** Several records may have it: it names one only while no other has it, and only where no better key names any. */
  shared?: true;
};

/** The columns that each write sets beside the fields. */
export type Stamp = { version: { increment: 1 }; updatedAt: Date };

/** Marks a real change, made now. */
export function stamp(): Stamp {
  return { version: { increment: 1 }, updatedAt: new Date() };
}

/** How a list whose items are rows of their own is written: an upsert may treat it differently from a patch. */
export type Manner = 'create' | 'upsert' | 'patch';

/** Writes a field whose values are rows of another table. @returns whether that changed anything. */
export type WriteRows<Value> = (transaction: Transaction, id: string, value: Value, manner: Manner) => Promise<boolean>;

/** A record as it would be stored, what of it the input has given, and how. `id` is `undefined` for a new one. */
export type Draft<Table extends Fields> = {
  manner: Manner;
  id: string | undefined;
  values: Values<Table>;
  given: Partial<Values<Table>>;
};

export type RecordType<Table extends Fields, Row extends RecordRow> = {
  /** The GraphQL type, and the word for it in a sentence. */
  name: string;
  noun: string;
  /** The input field that carries the record's own ID. */
  idField: string;
  fields: Table;
  /** The fields whose values are rows of another table; all others are columns. */
  rowFields?: { [Name in keyof Table]?: WriteRows<Values<Table>[Name]> };
  /** The keys that are complete among these values, in the order in which an upsert tries them. */
  keys(values: { id?: string } & Partial<Values<Table>>): Key<Row>[];
  /** What one field alone cannot tell: rules on several fields, links to records that must exist. */
  check?(transaction: Transaction, draft: Draft<Table>, path: readonly string[]): Promise<UserError[]>;
  /** What is odd about a record as it would be stored. */
  warnings(values: Values<Table>, path: readonly string[]): Warning[];
  /** The values of a row's fields; those of `rowFields` may be left empty. */
  values(row: Row): Values<Table>;
  /** The tenant's records, by ID. */
  find(transaction: Transaction, where: Key<Row>['where']): Promise<Row[]>;
  create(transaction: Transaction, id: string | undefined, values: Values<Table>): Promise<Row>;
  update(transaction: Transaction, row: Row, changed: Partial<Values<Table>>, stamp: Stamp): Promise<Row>;
  delete(transaction: Transaction, row: Row): Promise<void>;
};
