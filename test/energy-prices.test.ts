import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type { EnergyPriceInput, PricesOneQueryVariables } from './gql/graphql.ts';

const One = graphql(`
  query PricesOne($id: ID!, $from: DateTime, $to: DateTime, $first: Int) {
    energyContract(by: { id: $id }) {
      version
      updatedAt
      energyPrices(from: $from, to: $to, first: $first) { timestamp price validTo }
      energyPriceStats(from: $from, to: $to) { count min max average }
    }
  }
`);

const At = graphql(`
  query PricesAt($id: ID!, $at: DateTime!) {
    energyContract(by: { id: $id }) { priceAt(at: $at) { timestamp price validTo } }
  }
`);

const Register = graphql(`
  mutation PricesRegister($input: RegisterEnergyContractInput!) {
    registerEnergyContract(input: $input) {
      energyContract { id energyPriceStats { count } }
      userErrors { code message path }
    }
  }
`);

const Upsert = graphql(`
  mutation PricesUpsert($input: UpsertEnergyContractInput!) {
    upsertEnergyContract(input: $input) { outcome userErrors { code message path } }
  }
`);

const Patch = graphql(`
  mutation PricesPatch($id: ID!, $patch: EnergyContractPatch!) {
    patchEnergyContract(by: { id: $id }, patch: $patch) { changedFields userErrors { code message path } }
  }
`);

const Append = graphql(`
  mutation PricesAppend($id: ID!, $energyPrices: [EnergyPriceInput!]!) {
    appendEnergyPrices(by: { id: $id }, energyPrices: $energyPrices) {
      written
      energyContract { version updatedAt energyPriceStats { count } }
      warnings { message path }
      userErrors { code message path }
    }
  }
`);

const QUARTER = 15 * 60 * 1000;
const YEAR = 35_136;

const price = (timestamp: string, price: number): EnergyPriceInput => ({ timestamp, price });
const JANUARY = price('2024-01-01T00:00:00Z', 0.1);
const FEBRUARY = price('2024-02-01T00:00:00Z', -0.2);
const MARCH = price('2024-03-01T00:00:00Z', 0.3);
const [january, february, march] = [JANUARY, FEBRUARY, MARCH].map(({ timestamp, price }) => ({
  timestamp: timestamp.replace('Z', '.000Z'),
  price,
}));

/** `count` prices a quarter of an hour apart, as written at this offset; the price is the position. */
function quarterHours(start: string, count: number, offsetAt: (instant: number) => number = () => 0) {
  return Array.from({ length: count }, (_, position) => {
    const instant = Date.parse(start) + position * QUARTER;
    return price(atOffset(instant, offsetAt(instant)), position);
  });
}

/** An instant as it is written where the clock is this many hours ahead of UTC. */
function atOffset(instant: number, hours: number): string {
  const local = new Date(instant + hours * 3_600_000).toISOString().slice(0, 19);
  return hours === 0 ? `${local}Z` : `${local}+0${hours}:00`;
}

/** The ID of a new contract in EUR with these prices. */
async function contract(
  client: Client,
  energyPrices: EnergyPriceInput[],
  validity: { validFrom?: string; validTo?: string } = {},
) {
  return (await given.energyContract(client, { currencyEnergyPrice: 'EUR', energyPrices, ...validity })).id;
}

async function read(client: Client, variables: PricesOneQueryVariables) {
  const { energyContract } = await client.ask(One, variables);
  if (!energyContract) throw new Error('There is no such contract.');
  return energyContract;
}

async function priceAt(client: Client, id: string, at: string) {
  return (await client.ask(At, { id, at })).energyContract?.priceAt;
}

async function append(client: Client, id: string, energyPrices: EnergyPriceInput[]) {
  return (await client.ask(Append, { id, energyPrices })).appendEnergyPrices;
}

async function register(client: Client, energyPrices: EnergyPriceInput[]) {
  const input = { userId: randomUUID(), currencyEnergyPrice: 'EUR', energyPrices };
  return (await client.ask(Register, { input })).registerEnergyContract;
}

describe('energy prices', () => {
  const api = useApi();
  const newClient = () => api.as(given.tenant());

  describe('the price at an instant', () => {
    it('is the latest at or before it, and none before the first', async () => {
      const client = newClient();
      const id = await contract(client, [MARCH, JANUARY, FEBRUARY]);
      const cases: [at: string, found: object | null][] = [
        ['0001-01-01T00:00:00Z', null],
        ['2023-12-31T23:59:59.999Z', null],
        ['2024-01-01T00:00:00Z', { ...january, validTo: february?.timestamp }],
        ['2024-01-31T23:59:59.999Z', { ...january, validTo: february?.timestamp }],
        ['2024-02-01T01:00:00+01:00', { ...february, validTo: march?.timestamp }],
        ['2024-03-01T00:00:00Z', { ...march, validTo: null }],
        ['9999-12-31T23:59:59.999Z', { ...march, validTo: null }],
      ];
      for (const [at, found] of cases) expect(await priceAt(client, id, at), at).toEqual(found);
    });

    it('is none outside the validity, which includes its begin and excludes its end', async () => {
      const client = newClient();
      const validity = { validFrom: '2024-01-15T00:00:00Z', validTo: '2024-02-15T00:00:00Z' };
      const id = await contract(client, [JANUARY, FEBRUARY, MARCH], validity);
      const cases: [at: string, price: number | undefined][] = [
        ['2024-01-02T00:00:00Z', undefined],
        ['2024-01-14T23:59:59.999Z', undefined],
        ['2024-01-15T00:00:00Z', JANUARY.price],
        ['2024-02-14T23:59:59.999Z', FEBRUARY.price],
        ['2024-02-15T00:00:00Z', undefined],
        ['2024-03-02T00:00:00Z', undefined],
      ];
      for (const [at, found] of cases) expect((await priceAt(client, id, at))?.price, at).toBe(found);
    });

    it('is none for a contract without prices', async () => {
      const client = newClient();
      expect(await priceAt(client, await contract(client, []), '2024-01-01T00:00:00Z')).toBeNull();
    });
  });

  describe('a range of prices', () => {
    it('includes its begin and excludes its end', async () => {
      const client = newClient();
      const id = await contract(client, [JANUARY, FEBRUARY, MARCH]);
      const [JAN, FEB, MAR] = ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'];
      const cases: [range: { from?: string | null; to?: string | null; first?: number | null }, found: unknown[]][] = [
        [{}, [january, february, march]],
        [{ from: null, to: null, first: null }, [january, february, march]],
        [{ from: FEB }, [february, march]],
        [{ from: '2024-01-31T23:00:00-01:00' }, [february, march]],
        [{ from: '2024-02-01T00:00:00.001Z' }, [march]],
        [{ to: FEB }, [january]],
        [{ to: '2024-02-01T00:00:00.001Z' }, [january, february]],
        [{ from: JAN, to: MAR }, [january, february]],
        [{ from: FEB, to: FEB }, []],
        [{ from: MAR, to: JAN }, []],
        [{ first: 1 }, [january]],
        [{ from: FEB, first: 1000 }, [february, march]],
      ];
      for (const [range, found] of cases) {
        const { energyPrices } = await read(client, { id, ...range });
        expect(
          energyPrices.map(({ timestamp, price }) => ({ timestamp, price })),
          JSON.stringify(range),
        ).toEqual(found);
      }
    });

    it('tells how long each price holds, also the last one shown', async () => {
      const client = newClient();
      const id = await contract(client, [JANUARY, FEBRUARY, MARCH]);
      const validTo = async (range: object) => (await read(client, { id, ...range })).energyPrices.at(-1)?.validTo;
      expect(await validTo({ first: 1 })).toBe(february?.timestamp);
      expect(await validTo({ first: 2 })).toBe(march?.timestamp);
      expect(await validTo({ to: FEBRUARY.timestamp })).toBe(february?.timestamp);
      expect(await validTo({})).toBeNull();
    });

    it('has 1 to 1000 prices, 100 when first is absent', async () => {
      const client = newClient();
      const id = await contract(client, quarterHours('2024-01-01T00:00:00Z', 1001));
      expect((await read(client, { id, first: 1000 })).energyPrices).toHaveLength(1000);
      for (const first of [undefined, null]) expect((await read(client, { id, first })).energyPrices).toHaveLength(100);
      for (const first of [0, -1, 1001]) {
        const { message, extensions, path } = await client.fail(One, { id, first });
        expect(message).toBe(`Ask for 1 to 1000 prices in first, not ${first}.`);
        expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['first'] });
        expect(path).toEqual(['energyContract', 'energyPrices']);
      }
    });

    it('is walked from the validTo of its last price', async () => {
      const client = newClient();
      const id = await contract(client, quarterHours('2024-01-01T00:00:00Z', 10));
      const seen: number[] = [];
      for (let from: string | null | undefined = '2024-01-01T00:00:00Z'; from != null; ) {
        const { energyPrices } = await read(client, { id, from, first: 3 });
        seen.push(...energyPrices.map(({ price }) => price));
        from = energyPrices.at(-1)?.validTo;
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  const Twice = graphql(`
    query PricesTwice($id: ID!, $from: DateTime, $at: DateTime!) {
      energyContract(by: { id: $id }) { ...PricesAsked again: energyPrices(from: $from, first: 2) { price } }
      energyContracts { nodes { ...PricesAsked } edges { node { ...PricesAsked } } }
      nodes(ids: [$id, $id]) { ...PricesAsked }
    }
  `);
  graphql(`
    fragment PricesAsked on EnergyContract {
      energyPrices(from: $from, first: 2) { price }
      energyPriceStats(from: $from) { count }
      priceAt(at: $at) { price }
    }
  `);

  it('are answered alike in every place that asks for them, and never twice', async () => {
    const client = newClient();
    const id = await contract(client, [JANUARY, FEBRUARY, MARCH]);
    const from = JANUARY.timestamp;
    const answer = await client.ask(Twice, { id, from, at: FEBRUARY.timestamp });
    const prices = [{ price: JANUARY.price }, { price: FEBRUARY.price }];
    const asked = { energyPrices: prices, energyPriceStats: { count: 3 }, priceAt: { price: FEBRUARY.price } };
    expect(answer).toEqual({
      energyContract: { ...asked, again: prices },
      energyContracts: { nodes: [asked], edges: [{ node: asked }] },
      nodes: [asked, asked],
    });
  });

  describe('statistics', () => {
    it('count each entry of the range once', async () => {
      const client = newClient();
      const id = await contract(client, [JANUARY, FEBRUARY, MARCH]);
      const stats = async (range: object) => (await read(client, { id, ...range })).energyPriceStats;
      const all = await stats({});
      expect(all).toMatchObject({ count: 3, min: -0.2, max: 0.3 });
      expect(all.average).toBeCloseTo(0.2 / 3, 12);
      const two = await stats({ from: JANUARY.timestamp, to: MARCH.timestamp });
      expect(two).toMatchObject({ count: 2, min: -0.2, max: 0.1 });
      expect(two.average).toBeCloseTo(-0.05, 12);
      expect(await stats({ from: MARCH.timestamp })).toEqual({ count: 1, min: 0.3, max: 0.3, average: 0.3 });
    });

    it('are without values for an empty range, and for a contract without prices', async () => {
      const client = newClient();
      const nothing = { count: 0, min: null, max: null, average: null };
      const id = await contract(client, [JANUARY]);
      expect((await read(client, { id, to: JANUARY.timestamp })).energyPriceStats).toEqual(nothing);
      expect((await read(client, { id: await contract(client, []) })).energyPriceStats).toEqual(nothing);
    });

    it('of the largest prices stay finite', async () => {
      const client = newClient();
      const id = await contract(client, [price('2024-01-01T00:00:00Z', 1e15), price('2024-01-02T00:00:00Z', -1e15)]);
      expect((await read(client, { id })).energyPriceStats).toEqual({ count: 2, min: -1e15, max: 1e15, average: 0 });
    });
  });

  describe('a price', () => {
    it('may be negative, zero and tiny; −0 is 0', async () => {
      const client = newClient();
      const prices = [-500.25, 0, 5e-324, 0.1, 1e15, -1e15].map((value, day) =>
        price(`2024-01-0${day + 1}T00:00:00Z`, value),
      );
      const id = await contract(client, prices);
      const { energyPrices } = await read(client, { id });
      expect(energyPrices.map(({ price }) => price)).toEqual(prices.map(({ price }) => price));

      const negativeZero = `mutation { appendEnergyPrices(by: { id: "${id}" }, energyPrices: [{ timestamp: "2024-02-01T00:00:00Z", price: -0.0 }]) { written } }`;
      expect((await client.post({ query: negativeZero })).body.data).toEqual({ appendEnergyPrices: { written: 1 } });
      expect(Object.is((await read(client, { id, from: '2024-02-01T00:00:00Z' })).energyPrices[0]?.price, 0)).toBe(
        true,
      );
      expect((await client.post({ query: negativeZero })).body.data).toEqual({ appendEnergyPrices: { written: 0 } });
      const rows = await query<{ sign: string }>(
        api.databaseUrl,
        "SELECT price::text AS sign FROM energy_price WHERE timestamp = '2024-02-01T00:00:00Z' AND price = 0",
      );
      expect(rows).toEqual([{ sign: '0' }]);
    });

    it('beyond 1e15 is refused with its place in the list', async () => {
      for (const value of [1.1e15, -1.1e15]) {
        const { energyContract, userErrors } = await register(newClient(), [
          JANUARY,
          price('2024-02-01T00:00:00Z', value),
        ]);
        expect(energyContract).toBeNull();
        expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'energyPrices', '1', 'price'] }]);
      }
    });

    it.each(['1e400', '-1e400', 'NaN', 'Infinity', '"0.2"', 'null', 'true', '[0.2]'])(
      'is never %s',
      async (literal) => {
        const client = newClient();
        const id = await contract(client, []);
        const entry = `{ timestamp: "2024-01-01T00:00:00Z", price: ${literal} }`;
        const inline = await client.post({
          query: `mutation { appendEnergyPrices(by: { id: "${id}" }, energyPrices: [${entry}]) { written userErrors { code } } }`,
        });
        const variables = `{"id":"${id}","energyPrices":[{"timestamp":"2024-01-01T00:00:00Z","price":${literal}}]}`;
        const response = await fetch(api.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${await client.token()}` },
          body: `{"query":${JSON.stringify(String(Append))},"variables":${variables}}`,
        });
        const { errors, data } = (await response.json()) as {
          errors?: { extensions: { code: string } }[];
          data?: unknown;
        };
        expect(['BAD_USER_INPUT', 'BAD_REQUEST']).toContain(errors?.[0]?.extensions.code);
        expect(data ?? null).toBeNull();
        const refused = inline.body.errors?.[0]?.extensions.code ?? inline.body.data;
        const invalid = { appendEnergyPrices: { written: 0, userErrors: [{ code: 'INVALID' }] } };
        expect(['GRAPHQL_VALIDATION_FAILED', JSON.stringify(invalid)]).toContain(
          typeof refused === 'string' ? refused : JSON.stringify(refused),
        );
        expect((await read(client, { id })).energyPriceStats.count).toBe(0);
      },
    );
  });

  describe('an instant', () => {
    it.each([
      '2024-01-01T00:00:00',
      '2024-01-01T00:00Z',
      '2024-01-01',
      '2024-01-01 00:00:00Z',
      '2024-02-30T00:00:00Z',
      '2023-02-29T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '2024-01-01T00:00:00|01:00',
      '2024-01-01T00:00:00+0100',
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
      '',
      1_704_067_200_000,
    ])('is never %j, in no place', async (timestamp) => {
      const client = newClient();
      const id = await contract(client, [JANUARY]);
      const value = JSON.stringify(timestamp);
      const append = await client.post({
        query: String(Append),
        variables: { id, energyPrices: [{ timestamp, price: 1 }] },
      });
      const range = await client.post({ query: String(One), variables: { id, from: timestamp } });
      const at = await client.post({ query: String(At), variables: { id, at: timestamp } });
      for (const { body } of [append, range, at]) {
        expect(body.data ?? null).toBeNull();
        expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      }
      for (const field of [`priceAt(at: ${value}) { price }`, `energyPrices(from: ${value}) { price }`]) {
        const { body } = await client.post({ query: `{ energyContract(by: { id: "${id}" }) { ${field} } }` });
        expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      }
      expect((await read(client, { id })).version).toBe(1);
    });

    it('is stored and answered in UTC whatever its offset, to the millisecond', async () => {
      const client = newClient();
      const id = await contract(client, [
        price('2024-01-01T00:00:00+01:00', 1),
        price('2024-01-01T00:00:00-09:30', 2),
        price('2024-01-01T23:45:00.123456+14:00', 3),
        price('2024-06-01t12:00:00z', 4),
      ]);
      const { energyPrices } = await read(client, { id });
      expect(energyPrices.map(({ timestamp, price }) => [timestamp, price])).toEqual(
        [
          ['2023-12-31T23:00:00.000Z', 1],
          ['2024-01-01T09:30:00.000Z', 2],
          ['2024-01-01T09:45:00.123Z', 3],
          ['2024-06-01T12:00:00.000Z', 4],
        ].sort(),
      );
    });

    it('is given once in a call, however it is written', async () => {
      const client = newClient();
      const id = await contract(client, []);
      const twice = [JANUARY, FEBRUARY, price('2024-01-01T01:00:00+01:00', 9), price('2023-12-31T19:00:00-05:00', 9)];
      const places = (...root: string[]) =>
        ['2', '3'].map((position) => ({ code: 'INVALID', path: [...root, position, 'timestamp'] }));
      const registered = await register(client, twice);
      expect(registered.userErrors).toMatchObject(places('input', 'energyPrices'));
      const { patchEnergyContract } = await client.ask(Patch, { id, patch: { energyPrices: twice } });
      expect(patchEnergyContract.userErrors).toMatchObject(places('patch', 'energyPrices'));
      const { upsertEnergyContract } = await client.ask(Upsert, {
        input: { userId: randomUUID(), currencyEnergyPrice: 'EUR', energyPrices: twice },
      });
      expect(upsertEnergyContract.userErrors).toMatchObject(places('input', 'energyPrices'));
      const appended = await append(client, id, twice);
      expect(appended).toMatchObject({ written: 0, userErrors: places('energyPrices') });
      expect((await read(client, { id })).energyPriceStats.count).toBe(0);
    });
  });

  describe('a day in Berlin', () => {
    const HOUR = 4;
    /** The hours that the clock is ahead of UTC, by EU law: it is changed at 01:00 UTC. */
    const berlin = (change: string, before: number) => (instant: number) =>
      instant < Date.parse(change) ? before : 3 - before;

    it('of 23 hours has 92 quarter hours', async () => {
      const client = newClient();
      const offset = berlin('2024-03-31T01:00:00Z', 1);
      const threeDays = quarterHours('2024-03-29T23:00:00Z', 96 + 92 + 96, offset);
      const id = await contract(client, threeDays);
      const day = { id, from: '2024-03-31T00:00:00+01:00', to: '2024-04-01T00:00:00+02:00' };
      const { energyPrices, energyPriceStats } = await read(client, day);
      expect(energyPrices).toHaveLength(92);
      expect(energyPriceStats).toMatchObject({ count: 92, min: 96, max: 96 + 91 });
      expect(energyPrices[0]?.timestamp).toBe('2024-03-30T23:00:00.000Z');
      expect(energyPrices.at(-1)).toMatchObject({
        timestamp: '2024-03-31T21:45:00.000Z',
        validTo: '2024-03-31T22:00:00.000Z',
      });
      expect(threeDays[96 + 2 * HOUR]?.timestamp).toBe('2024-03-31T03:00:00+02:00');
      const last = await priceAt(client, id, '2024-03-31T01:59:59+01:00');
      expect(last).toMatchObject({ price: 96 + 2 * HOUR - 1, validTo: '2024-03-31T01:00:00.000Z' });
      expect((await priceAt(client, id, '2024-03-31T03:00:00+02:00'))?.price).toBe(96 + 2 * HOUR);
      expect((await priceAt(client, id, '2024-03-31T23:59:59+02:00'))?.price).toBe(96 + 91);
    });

    it('of 25 hours has 100 quarter hours, and a price for each of the two at 02:15', async () => {
      const client = newClient();
      const offset = berlin('2024-10-27T01:00:00Z', 2);
      const threeDays = quarterHours('2024-10-25T22:00:00Z', 96 + 100 + 96, offset);
      const id = await contract(client, threeDays);
      const day = { id, from: '2024-10-27T00:00:00+02:00', to: '2024-10-28T00:00:00+01:00' };
      const { energyPrices, energyPriceStats } = await read(client, day);
      expect(energyPrices).toHaveLength(100);
      expect(energyPriceStats).toMatchObject({ count: 100, min: 96, max: 96 + 99 });
      expect((await priceAt(client, id, '2024-10-27T02:15:00+02:00'))?.price).toBe(96 + 2 * HOUR + 1);
      expect((await priceAt(client, id, '2024-10-27T02:15:00+01:00'))?.price).toBe(96 + 3 * HOUR + 1);
      expect((await priceAt(client, id, '2024-10-27T23:59:59+01:00'))?.price).toBe(96 + 99);
    });
  });

  describe('a year of quarter hours', () => {
    const year = quarterHours('2024-01-01T00:00:00Z', YEAR);

    it('is registered, replaced, appended and read without a statement for each', async () => {
      const client = newClient();
      const input = { userId: randomUUID(), currencyEnergyPrice: 'EUR', externalId: 'year', energyPrices: year };
      let id = '';
      const registering = await api.statementsOf(async () => {
        const { registerEnergyContract } = await client.ask(Register, { input });
        expect(registerEnergyContract).toMatchObject({
          userErrors: [],
          energyContract: { energyPriceStats: { count: YEAR } },
        });
        id = registerEnergyContract.energyContract?.id ?? '';
      });
      expect(registering).toHaveLength(6);

      const upserting = await api.statementsOf(async () => {
        const { upsertEnergyContract } = await client.ask(Upsert, {
          input: { ...input, energyPrices: year.toReversed() },
        });
        expect(upsertEnergyContract).toEqual({ outcome: 'UNCHANGED', userErrors: [] });
      });
      expect(upserting).toHaveLength(5);

      const shifted = year.map(({ timestamp, price }) => ({ timestamp, price: price + 1 }));
      const appending = await api.statementsOf(async () => {
        const { written, energyContract } = await append(client, id, shifted);
        expect({ written, energyContract }).toMatchObject({ written: YEAR, energyContract: { version: 2 } });
      });
      expect(appending).toHaveLength(6);

      const reading = await api.statementsOf(async () => {
        const { energyPrices, energyPriceStats } = await read(client, { id, first: 1000 });
        expect(energyPrices).toHaveLength(1000);
        expect(energyPriceStats).toEqual({ count: YEAR, min: 1, max: YEAR, average: (YEAR + 1) / 2 });
      });
      expect(reading).toHaveLength(3);
      const last = await priceAt(client, id, '2024-12-31T23:59:59Z');
      expect(last).toEqual({ timestamp: '2024-12-31T23:45:00.000Z', price: YEAR, validTo: null });
    });

    it('is the most that one call takes', async () => {
      const client = newClient();
      const tooMany = [...year, price('2025-01-01T00:00:00Z', 0)];
      const refused = (...path: string[]) => [{ code: 'INVALID', message: expect.stringContaining('35136'), path }];
      expect((await register(client, tooMany)).userErrors).toEqual(refused('input', 'energyPrices'));
      const id = await contract(client, [JANUARY]);
      const { patchEnergyContract } = await client.ask(Patch, { id, patch: { energyPrices: tooMany } });
      expect(patchEnergyContract.userErrors).toEqual(refused('patch', 'energyPrices'));
      expect((await append(client, id, tooMany)).userErrors).toEqual(refused('energyPrices'));
      expect((await read(client, { id })).version).toBe(1);
    });
  });

  describe('appending', () => {
    it('counts the prices that are new or changed, and keeps the others', async () => {
      const client = newClient();
      const id = await contract(client, [JANUARY, FEBRUARY]);
      const first = await append(client, id, [price('2024-02-01T01:00:00+01:00', 7), JANUARY, MARCH]);
      expect(first).toMatchObject({
        written: 2,
        userErrors: [],
        energyContract: { version: 2, energyPriceStats: { count: 3 } },
      });
      const { energyPrices } = await read(client, { id });
      expect(energyPrices.map(({ price }) => price)).toEqual([0.1, 7, 0.3]);
    });

    it('the same again writes nothing and leaves the version alone', async () => {
      const client = newClient();
      const id = await contract(client, [JANUARY]);
      const { energyContract: changed } = await append(client, id, [FEBRUARY]);
      expect(changed).toMatchObject({ version: 2, updatedAt: expect.any(String) });
      for (const nothing of [[FEBRUARY], [FEBRUARY, JANUARY], []]) {
        expect(await append(client, id, nothing)).toEqual({
          written: 0,
          energyContract: changed && { ...changed, energyPriceStats: { count: 2 } },
          warnings: [],
          userErrors: [],
        });
      }
      expect(await read(client, { id })).toMatchObject({ version: 2, updatedAt: changed?.updatedAt });
    });

    it('one price to a thousand writes one', async () => {
      const client = newClient();
      const thousand = quarterHours('2024-01-01T00:00:00Z', 1000);
      const id = await contract(client, thousand);
      const { written } = await append(client, id, [...thousand.slice(0, 999), price('2025-01-01T00:00:00Z', 1)]);
      expect(written).toBe(1);
      expect((await read(client, { id })).energyPriceStats.count).toBe(1001);
    });

    it('warns of prices that begin after the contract has ended', async () => {
      const client = newClient();
      const id = await contract(client, [], { validTo: '2024-02-01T00:00:00Z' });
      const { warnings, written } = await append(client, id, [JANUARY, FEBRUARY]);
      expect(written).toBe(2);
      expect(warnings).toEqual([{ message: expect.stringMatching(/^1 of the prices/), path: ['energyPrices'] }]);
    });

    it('eight disjoint hundreds in parallel loses none, and the version grows with each', async () => {
      const client = newClient();
      const prices = quarterHours('2024-01-01T00:00:00Z', 800);
      const id = await contract(client, []);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, part) =>
          append(
            client,
            id,
            prices.filter((_, position) => position % 8 === part),
          ),
        ),
      );
      expect(answers.map(({ written, userErrors }) => [written, userErrors])).toEqual(Array(8).fill([100, []]));
      const { version, energyPriceStats } = await read(client, { id });
      expect(version).toBe(9);
      expect(energyPriceStats).toEqual({ count: 800, min: 0, max: 799, average: 399.5 });
    });

    it('the same hundred eight times in parallel writes it once', async () => {
      const client = newClient();
      const prices = quarterHours('2024-01-01T00:00:00Z', 100);
      const id = await contract(client, []);
      const answers = await Promise.all(Array.from({ length: 8 }, () => append(client, id, prices)));
      expect(answers.map(({ written }) => written).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 100]);
      expect((await read(client, { id })).version).toBe(2);
    });
  });
});
