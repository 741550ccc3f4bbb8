import type { Transaction } from '../database/client.ts';

/**
 * Makes concurrent writes that share a key wait for each other until the transaction ends. All locks are taken in one
 * sorted statement, so that two calls cannot wait for one another. A write locks the keys it was given first and the record
 * it found next, in this order, and reads again after each. Rows that share no key are not held up, save by a collision of
 * 64-bit hashes.
 */
export async function lock(transaction: Transaction, type: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const names = keys.map((key) => `${transaction.tenantId} ${type} ${key}`);
  await transaction.$queryRaw`
    SELECT count(pg_advisory_xact_lock(hash))
    FROM (SELECT DISTINCT hashtextextended(name, 0) AS hash FROM unnest(${names}::text[]) AS name ORDER BY hash) AS sorted`;
}
