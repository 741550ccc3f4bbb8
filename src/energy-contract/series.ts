/** The price series of contracts: rows, so that a range, the price at an instant and statistics are index look-ups. */
import type { TenantDatabase, Transaction } from '../database/client.ts';
import type { EnergyPrice } from './input.ts';

/** Currency per kWh from `timestamp` until `validTo`, exclusive; `null` while open. */
export type ValidPrice = EnergyPrice & { validTo: Date | null };
export type PriceStats = { count: number; min: number | null; max: number | null; average: number | null };
export type Range = { from?: Date | null | undefined; to?: Date | null | undefined };

/** Makes the series of a contract exactly this. One statement for any number of prices. @returns whether it changed. */
export async function replacePrices(
  transaction: Transaction,
  contractId: string,
  prices: readonly EnergyPrice[],
): Promise<boolean> {
  const { timestamps, values } = columns(prices);
  const [result] = await transaction.$queryRaw<[{ changed: boolean }]>`
    WITH
      given AS (SELECT * FROM unnest(${timestamps}::timestamptz[], ${values}::float8[]) AS given (timestamp, price)),
      removed AS (
        DELETE FROM energy_price
        WHERE tenant_id = ${transaction.tenantId}::uuid AND contract_id = ${contractId}::uuid
          AND NOT EXISTS (SELECT FROM given WHERE given.timestamp = energy_price.timestamp)
        RETURNING 1
      ),
      written AS (
        INSERT INTO energy_price AS price (tenant_id, contract_id, timestamp, price)
        SELECT ${transaction.tenantId}::uuid, ${contractId}::uuid, timestamp, price FROM given
        ON CONFLICT (tenant_id, contract_id, timestamp) DO UPDATE SET price = excluded.price
          WHERE price.price <> excluded.price
        RETURNING 1
      )
    SELECT EXISTS (SELECT FROM removed) OR EXISTS (SELECT FROM written) AS changed`;
  return result.changed;
}

/** Adds prices to a series, or changes those of the same timestamp. One statement. @returns how many are new or changed. */
export async function mergePrices(
  transaction: Transaction,
  contractId: string,
  prices: readonly EnergyPrice[],
): Promise<number> {
  const { timestamps, values } = columns(prices);
  const [result] = await transaction.$queryRaw<[{ written: number }]>`
    WITH written AS (
      INSERT INTO energy_price AS price (tenant_id, contract_id, timestamp, price)
      SELECT ${transaction.tenantId}::uuid, ${contractId}::uuid, timestamp, price
      FROM unnest(${timestamps}::timestamptz[], ${values}::float8[]) AS given (timestamp, price)
      ON CONFLICT (tenant_id, contract_id, timestamp) DO UPDATE SET price = excluded.price
        WHERE price.price <> excluded.price
      RETURNING 1
    )
    SELECT count(*)::int AS written FROM written`;
  return result.written;
}

function columns(prices: readonly EnergyPrice[]) {
  return {
    timestamps: prices.map(({ timestamp }) => timestamp.toISOString()),
    values: prices.map(({ price }) => price),
  };
}

const ids = (contractIds: readonly string[]) => [...contractIds];
const START = '-infinity';
const END = 'infinity';
const bounds = ({ from, to }: Range) => ({ from: from?.toISOString() ?? START, to: to?.toISOString() ?? END });

type OfContract<Value> = Value & { contractId: string };

/** The prices in a range, oldest first, at most `first` of each contract; one statement for all contracts. */
export async function readPrices(
  database: TenantDatabase,
  contractIds: readonly string[],
  range: Range,
  first: number,
): Promise<Map<string, ValidPrice[]>> {
  const { tenantId } = database;
  const { from, to } = bounds(range);
  const rows = await database.$queryRaw<OfContract<ValidPrice>[]>`
    SELECT contract.id AS "contractId", price.timestamp, price.price, price.next AS "validTo"
    FROM unnest(${ids(contractIds)}::uuid[]) AS contract (id)
    CROSS JOIN LATERAL (
      SELECT timestamp, price, (
        SELECT min(later.timestamp) FROM energy_price AS later
        WHERE later.tenant_id = ${tenantId}::uuid AND later.contract_id = contract.id AND later.timestamp > energy_price.timestamp
      ) AS next
      FROM energy_price
      WHERE tenant_id = ${tenantId}::uuid AND contract_id = contract.id
        AND timestamp >= ${from}::timestamptz AND timestamp < ${to}::timestamptz
      ORDER BY timestamp
      LIMIT ${first}
    ) AS price
    ORDER BY contract.id, price.timestamp`;
  const prices = new Map<string, ValidPrice[]>();
  for (const { contractId, ...price } of rows) {
    const series = prices.get(contractId);
    if (series) series.push(price);
    else prices.set(contractId, [price]);
  }
  return prices;
}

/** The latest price at or before an instant; one statement for all contracts. Those without one are left out. */
export async function readPricesAt(
  database: TenantDatabase,
  contractIds: readonly string[],
  at: Date,
): Promise<Map<string, ValidPrice>> {
  const { tenantId } = database;
  const rows = await database.$queryRaw<OfContract<ValidPrice>[]>`
    SELECT contract.id AS "contractId", price.timestamp, price.price, (
      SELECT min(later.timestamp) FROM energy_price AS later
      WHERE later.tenant_id = ${tenantId}::uuid AND later.contract_id = contract.id AND later.timestamp > price.timestamp
    ) AS "validTo"
    FROM unnest(${ids(contractIds)}::uuid[]) AS contract (id)
    CROSS JOIN LATERAL (
      SELECT timestamp, price FROM energy_price
      WHERE tenant_id = ${tenantId}::uuid AND contract_id = contract.id AND timestamp <= ${at.toISOString()}::timestamptz
      ORDER BY timestamp DESC
      LIMIT 1
    ) AS price`;
  return new Map(rows.map(({ contractId, ...price }) => [contractId, price]));
}

/** Statistics of the prices in a range, each entry counted once; one statement for all contracts. */
export async function readPriceStats(
  database: TenantDatabase,
  contractIds: readonly string[],
  range: Range,
): Promise<Map<string, PriceStats>> {
  const { from, to } = bounds(range);
  const rows = await database.$queryRaw<OfContract<PriceStats>[]>`
    SELECT contract_id::text AS "contractId", count(*)::int AS count, min(price), max(price), avg(price::numeric)::float8 AS average
    FROM energy_price
    WHERE tenant_id = ${database.tenantId}::uuid AND contract_id = ANY (${ids(contractIds)}::uuid[])
      AND timestamp >= ${from}::timestamptz AND timestamp < ${to}::timestamptz
    GROUP BY contract_id`;
  return new Map(rows.map(({ contractId, ...stats }) => [contractId, stats]));
}
