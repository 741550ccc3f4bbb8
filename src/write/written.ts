/** What the operations of every type answer. */

/** Odd but accepted. */
export type Warning = { path: readonly string[]; message: string };

export type Outcome = 'CREATED' | 'UPDATED' | 'UNCHANGED';

/** A record after a write: what matched, what changed, what is odd. `row` has all columns. */
export type Written<Row> = {
  row: Row;
  outcome: Outcome;
  /** The key that found the record; `null` when it was created. */
  matchedBy: string | null;
  changedFields: readonly string[];
  warnings: readonly Warning[];
};
