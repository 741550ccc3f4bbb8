/** What the operations need to know of a type of record, in the words of that type. */
import type { Transaction } from '../database/client.ts';
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
};

/** The columns that each write sets beside the fields. */
export type Stamp = { version: number; updatedAt: Date };

export type RecordType<Table extends Fields, Row extends RecordRow & Values<Table>> = {
  /** The GraphQL type, and the word for it in a sentence. */
  name: string;
  noun: string;
  /** The input field that carries the record's own ID. */
  idField: string;
  fields: Table;
  /** The keys that are complete among these values, in the order in which an upsert tries them. */
  keys(values: { id?: string } & Partial<Values<Table>>): Key<Row>[];
  /** What is odd about a record as it would be stored. */
  warnings(values: Values<Table>, path: readonly string[]): Warning[];
  /** The tenant's records, by ID. */
  find(transaction: Transaction, where: Key<Row>['where']): Promise<Row[]>;
  create(transaction: Transaction, id: string | undefined, values: Values<Table>): Promise<Row>;
  update(transaction: Transaction, row: Row, changed: Partial<Values<Table>>, stamp: Stamp): Promise<Row>;
  delete(transaction: Transaction, row: Row): Promise<void>;
};
