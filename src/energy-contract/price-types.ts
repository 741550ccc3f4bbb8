/** Prices and their statistics in the schema, and how they are read for many contracts at once. */
import { batched } from '../batch.ts';
import { builder, type Context } from '../builder.ts';
import { type PriceStats, type Range, readPriceStats, readPrices, readPricesAt, type ValidPrice } from './series.ts';

export const EnergyPrice = builder.objectRef<ValidPrice>('EnergyPrice').implement({
  description: 'A price of the series.',
  fields: (t) => ({
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'The price holds from this instant on.' }),
    price: t.exposeFloat('price', { description: 'Currency of the contract per kWh; negative prices occur.' }),
    validTo: t.expose('validTo', {
      type: 'DateTime',
      nullable: true,
      description: 'It holds until this instant, exclusive: the timestamp of the next one; `null` while open.',
    }),
  }),
});

builder.inputType('EnergyPriceInput', {
  description: 'A price of the series.',
  extensions: { limitedByRule: true },
  fields: (t) => ({
    timestamp: t.field({
      type: 'DateTime',
      required: true,
      description: 'The price holds from this instant until the next one.',
    }),
    price: t.float({ required: true, description: 'Currency of the contract per kWh; may be negative.' }),
  }),
});

export const EnergyPriceStats = builder.objectRef<PriceStats>('EnergyPriceStats').implement({
  description: 'Statistics of prices, each entry of the series counted once.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many there are.' }),
    min: t.exposeFloat('min', { nullable: true, description: 'The lowest; `null` when there is none.' }),
    max: t.exposeFloat('max', { nullable: true, description: 'The highest; `null` when there is none.' }),
    average: t.exposeFloat('average', { nullable: true, description: 'The mean; `null` when there is none.' }),
  }),
});

export const MAX_PRICES = 1000;
export const DEFAULT_PRICES = 100;

/** For all contracts of a request that ask with the same arguments, one statement. */
export const prices = batchedByContract<{ range: Range; first: number }, ValidPrice[]>(
  ({ db }, ids, { range, first }) => readPrices(db, ids, range, first),
);
export const priceAt = batchedByContract<Date, ValidPrice>(({ db }, ids, at) => readPricesAt(db, ids, at));
export const priceStats = batchedByContract<Range, PriceStats>(({ db }, ids, range) => readPriceStats(db, ids, range));

function batchedByContract<Asked, Value>(
  load: (context: Context, ids: string[], asked: Asked) => Promise<Map<string, Value>>,
) {
  const name = (key: { id: string; asked: Asked }) => JSON.stringify([key.asked, key.id]);
  return batched<{ id: string; asked: Asked }, Value>(async (context, keys) => {
    const values = new Map<string, Value>();
    const questions = new Map(keys.map(({ asked }) => [JSON.stringify(asked), asked]));
    for (const [question, asked] of questions) {
      const ids = keys.filter((key) => JSON.stringify(key.asked) === question).map(({ id }) => id);
      for (const [id, value] of await load(context, ids, asked)) values.set(name({ id, asked }), value);
    }
    return values;
  }, name);
}
