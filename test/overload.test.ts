/** More work than there are connections, and statements that do not end: a locked table stands for both. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type Answer, type Api, useApi } from './api.ts';
import { company, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';

const Count = graphql(`query OverloadCount { companies { totalCount } }`);
const Contracts = graphql(`query OverloadContracts { energyContracts { totalCount } }`);
const Upsert = graphql(`
  mutation OverloadUpsert($input: UpsertCompanyInput!) { upsertCompany(input: $input) { outcome userErrors { message } } }
`);
const UpsertMany = graphql(`
  mutation OverloadUpsertMany($items: [UpsertCompanyInput!]!) { upsertCompanies(items: $items) { succeeded } }
`);

/** Runs `work` while nobody may read or write companies, or, in `SHARE` mode, while nobody may write them. */
async function whileLocked<Result>(api: Api, mode: 'ACCESS EXCLUSIVE' | 'SHARE', work: () => Promise<Result>) {
  const owner = new pg.Client({ connectionString: api.databaseUrl });
  await owner.connect();
  try {
    await owner.query(`BEGIN; LOCK TABLE company IN ${mode} MODE`);
    return await work();
  } finally {
    await owner.end();
  }
}

/** Settles when so many have been answered with 503. */
const refusals = (answers: readonly Promise<Answer<unknown>>[], count: number) =>
  new Promise<void>((resolve) => {
    let left = count;
    for (const answer of answers) {
      void answer.then(({ status }) => {
        left -= status === 503 ? 1 : 0;
        if (left === 0) resolve();
      });
    }
  });

const times = <Result>(count: number, work: () => Promise<Result>) => Array.from({ length: count }, work);
const statuses = (answers: readonly Answer<unknown>[]) => answers.map(({ status }) => status);

describe('more statements than connections', () => {
  const api = useApi({ DATABASE_POOL_SIZE: '4', CONNECTION_WAIT_MS: '300', STATEMENT_TIMEOUT_MS: '30000' });

  it('are refused with 503 when they have waited long enough; a quarter of the connections is left to others', async () => {
    const busy = api.as(tenant());
    const answers = await whileLocked(api, 'ACCESS EXCLUSIVE', async () => {
      const asked = times(60, () => busy.send(Count));
      const refused = await Promise.race(asked);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.body.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
      expect((await api.as(tenant()).ask(Contracts)).energyContracts.totalCount).toBe(0);
      await refusals(asked, 57);
      return asked;
    });
    expect(statuses(await Promise.all(answers)).sort()).toEqual([200, 200, 200, ...Array(57).fill(503)]);
    expect(statuses(await Promise.all(times(3, () => busy.send(Count))))).toEqual([200, 200, 200]);
  });

  it('leave others their share when they are writes that wait for each other', async () => {
    const [busy, other] = [api.as(tenant()), api.as(tenant())];
    await company(other);
    const answers = await whileLocked(api, 'SHARE', async () => {
      const asked = times(3, () => busy.send(Upsert, { input: { externalId: 'hot', name: 'Hot', country: 'DE' } }));
      expect((await other.ask(Count)).companies.totalCount).toBe(1);
      return asked;
    });
    const outcomes = (await Promise.all(answers)).map(({ body }) => body.data?.upsertCompany.outcome);
    expect(outcomes.sort()).toEqual(['CREATED', 'UNCHANGED', 'UNCHANGED']);
  });
});

describe('a queue that is full', () => {
  const api = useApi({ DATABASE_POOL_SIZE: '1', CONNECTION_WAIT_MS: '60000', STATEMENT_TIMEOUT_MS: '60000' });

  it('refuses at once, and serves those who wait', async () => {
    const client = api.as(tenant());
    const answers = await whileLocked(api, 'ACCESS EXCLUSIVE', async () => {
      const asked = times(60, () => client.send(Count));
      await refusals(asked, 9);
      return asked;
    });
    expect(statuses(await Promise.all(answers)).sort()).toEqual([...Array(51).fill(200), ...Array(9).fill(503)]);
  });
});

describe('a statement that takes too long', () => {
  const api = useApi({ STATEMENT_TIMEOUT_MS: '200' });

  it('is ended by the database, and said so', async () => {
    const client = api.as(tenant());
    const { status, body } = await whileLocked(api, 'ACCESS EXCLUSIVE', () => client.send(Count));
    expect(status).toBe(504);
    expect(body.errors).toMatchObject([{ path: ['companies', 'totalCount'], extensions: { code: 'TIMEOUT' } }]);
    expect((await client.ask(Count)).companies.totalCount).toBe(0);
  });

  it('writes nothing when it is a write', async () => {
    const client = api.as(tenant());
    const input = { externalId: 'late', name: 'Late', country: 'DE' };
    const { body } = await whileLocked(api, 'SHARE', () => client.send(Upsert, { input }));
    expect(body.errors).toMatchObject([{ extensions: { code: 'TIMEOUT' } }]);
    expect((await client.ask(Count)).companies.totalCount).toBe(0);
  });
});

describe('an operation that takes too long', () => {
  const api = useApi({ REQUEST_TIMEOUT_MS: '200', STATEMENT_TIMEOUT_MS: '60000', DATABASE_POOL_SIZE: '1' });

  it('is answered with 504, and its connection comes back', async () => {
    const client = api.as(tenant());
    const { status, body } = await whileLocked(api, 'ACCESS EXCLUSIVE', () => client.send(Count));
    expect(status).toBe(504);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'TIMEOUT' } }] });
    expect(body.data).toBeUndefined();
    expect((await client.ask(Contracts)).energyContracts.totalCount).toBe(0);
  });

  it('writes no more of many records when it has ended', async () => {
    const client = api.as(tenant());
    const items = [1, 2, 3].map((n) => ({ externalId: `late ${n}`, name: 'Late', country: 'DE' }));
    const { status, body } = await whileLocked(api, 'SHARE', () => client.send(UpsertMany, { items }));
    expect(status).toBe(504);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'TIMEOUT' } }] });
    // The one under way was waiting for the lock and may have ended well; the tenant's only connection is free again.
    expect((await client.ask(Count)).companies.totalCount).toBeLessThan(2);
  });

  it('ends when its client has gone', async () => {
    const client = api.as(tenant());
    await whileLocked(api, 'ACCESS EXCLUSIVE', async () => {
      const leaving = new AbortController();
      const asked = fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await client.token()}` },
        body: JSON.stringify({ query: String(Count) }),
        signal: leaving.signal,
      });
      leaving.abort();
      await expect(asked).rejects.toThrow('aborted');
    });
    expect((await client.ask(Contracts)).energyContracts.totalCount).toBe(0);
  });
});
