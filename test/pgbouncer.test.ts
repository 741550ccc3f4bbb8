/** A pooler in transaction mode gives each transaction another connection, so nothing may rest on the connection. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDatabase } from '../src/database/check.ts';
import { openDatabase } from '../src/database/client.ts';
import { explainDatabaseError } from '../src/database/failures.ts';
import { type Client, createClient, SECRET } from './api.ts';
import { cloneDatabase, query } from './database.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import { type Pgbouncer, pgbouncerIsMissing, startPgbouncer } from './pgbouncer.ts';
import { crowd, mix } from './tenant-crowd.ts';

const Everything = graphql(`
  query PgbouncerEverything($company: ID!) {
    viewer { tenantId }
    company(by: { id: $company }) { tenantId name co2Customers { nodes { email } } energyContracts { totalCount } }
    companies { totalCount nodes { name tenantId } }
    node(id: $company) { id }
    co2Customers { totalCount nodes { email company { name } } }
    energyContracts { totalCount nodes { supplier energyPrices { price } company { name } } }
  }
`);
const Rename = graphql(`
  mutation PgbouncerRename($by: CompanyKey!, $patch: CompanyPatch!) {
    patchCompany(by: $by, patch: $patch) { company { name version } userErrors { message } }
  }
`);
const Remove = graphql(`
  mutation PgbouncerRemove($by: CompanyKey!) {
    deleteCompany(by: $by) { deletedId userErrors { message } }
  }
`);

const title = pgbouncerIsMissing ? 'PgBouncer (skipped: install the Debian package pgbouncer)' : 'PgBouncer';

describe.skipIf(pgbouncerIsMissing)(title, () => {
  let ownerUrl = '';
  const logins: string[] = [];
  const started: Pgbouncer[] = [];

  /** The URL of a new login of the server, with these settings. */
  async function createLogin(...settings: string[]): Promise<string> {
    const password = randomBytes(6).toString('hex');
    const login = `gateway_test_${password}`;
    await query(ownerUrl, `CREATE ROLE ${login} LOGIN PASSWORD '${password}' IN ROLE carbon_gateway`);
    logins.push(login);
    for (const setting of settings) await query(ownerUrl, `ALTER ROLE ${login} SET ${setting}`);
    return Object.assign(new URL(ownerUrl), { username: login, password }).href;
  }

  const start = async (url: string, ...settings: string[]) => {
    const pgbouncer = await startPgbouncer(url, settings);
    started.push(pgbouncer);
    return pgbouncer;
  };

  /** As README tells to set it up. */
  async function startAsTold(): Promise<string> {
    const login = await createLogin(
      'role = carbon_gateway',
      "TimeZone = 'UTC'",
      "statement_timeout = '5s'",
      "idle_in_transaction_session_timeout = '15s'",
    );
    return (await start(login, 'ignore_startup_parameters = options')).url;
  }

  /** The sentence with which the server would refuse to start; `undefined` when it would serve. */
  async function refusal(url: string): Promise<string | undefined> {
    const database = openDatabase({ url, poolSize: 10 });
    try {
      await checkDatabase(database);
      return undefined;
    } catch (error) {
      return explainDatabaseError(error);
    } finally {
      await database.close();
    }
  }

  beforeAll(async () => {
    ownerUrl = await cloneDatabase();
  });
  afterAll(async () => {
    for (const pgbouncer of started) await pgbouncer.stop();
    for (const login of logins) await query(ownerUrl, `DROP ROLE ${login}`);
  });

  it('is refused, with what to do, until it passes the settings over and the login has them', async () => {
    const login = await createLogin("TimeZone = 'Europe/Berlin'");
    expect(await refusal((await start(login)).url)).toBe(
      "A pooler between server and database refuses startup parameters: add options to PgBouncer's ignore_startup_parameters.",
    );
    const { url, reconnect } = await start(login, 'ignore_startup_parameters = options');
    expect(await refusal(login)).toBeUndefined();
    const sentence = (await refusal(url)) ?? '';
    const repairs = [...sentence.matchAll(/ALTER ROLE \S+ SET (\S+) = [^;]+;/g)];
    expect(repairs.map(([, name]) => name)).toEqual([
      'role',
      'TimeZone',
      'statement_timeout',
      'idle_in_transaction_session_timeout',
    ]);
    for (const [repair] of repairs) {
      expect(await refusal(url)).toContain(repair);
      await query(ownerUrl, repair);
      await reconnect();
    }
    expect(await refusal(url)).toBeUndefined();
  });

  it('mixes up no statements, though its three connections belong to nobody', async () => {
    const database = openDatabase({ url: await startAsTold(), poolSize: 10 });
    try {
      await checkDatabase(database);
      const tenants = await crowd(database, 4);
      expect(await mix(tenants, { count: 1000, seed: 5 })).toMatchObject({ done: 1000, wrong: 0 });
    } finally {
      await database.close();
    }
  }, 60_000);

  describe('before a server', () => {
    let gateway: GatewayProcess;
    beforeAll(async () => {
      gateway = await startGateway({ DATABASE_URL: await startAsTold(), JWT_SECRET: SECRET });
    });
    afterAll(async () => {
      gateway.signal('SIGTERM');
      expect(await gateway.exit).toBe(0);
    });

    /** All that a tenant does, with keys that another one has too. */
    async function walk(client: Client, name: string, keys: { companyId: string; email: string; meterId: string }) {
      const { companyId, email, meterId } = keys;
      const seen: unknown[] = [];
      await given.company(client, { name, companyId });
      await given.co2Customer(client, { email, companyId });
      await given.energyContract(client, {
        meterId,
        supplier: name,
        companyId,
        currencyEnergyPrice: 'EUR',
        energyPrices: [{ timestamp: '2026-01-01T00:00:00Z', price: 1.5 }],
      });
      for (const next of [`${name}, renamed`, `${name}, again`]) {
        await client.ask(Rename, { by: { id: companyId }, patch: { name: next } });
        seen.push(await client.ask(Everything, { company: companyId }));
      }
      const { deleteCompany } = await client.ask(Remove, { by: { id: companyId } });
      seen.push(deleteCompany, await client.ask(Everything, { company: companyId }));
      return seen;
    }

    const expected = (tenantId: string, name: string, keys: { companyId: string; email: string }) => {
      const id = `Company:${keys.companyId}`;
      const contract = { supplier: name, energyPrices: [{ price: 1.5 }] };
      const seenWith = (company: string) => ({
        viewer: { tenantId },
        company: {
          tenantId,
          name: company,
          co2Customers: { nodes: [{ email: keys.email }] },
          energyContracts: { totalCount: 1 },
        },
        companies: { totalCount: 1, nodes: [{ name: company, tenantId }] },
        node: { id },
        co2Customers: { totalCount: 1, nodes: [{ email: keys.email, company: { name: company } }] },
        energyContracts: { totalCount: 1, nodes: [{ ...contract, company: { name: company } }] },
      });
      return [
        seenWith(`${name}, renamed`),
        seenWith(`${name}, again`),
        { deletedId: id, userErrors: [] },
        {
          viewer: { tenantId },
          company: null,
          companies: { totalCount: 0, nodes: [] },
          node: null,
          co2Customers: { totalCount: 1, nodes: [{ email: keys.email, company: null }] },
          energyContracts: { totalCount: 1, nodes: [{ ...contract, company: null }] },
        },
      ];
    };

    it('keeps the requests of tenants apart that use the same keys at once', async () => {
      const keys = { companyId: randomUUID(), email: 'same@example.com', meterId: 'same' };
      const tenants = Array.from({ length: 6 }, (_, index) => ({ tenantId: given.tenant(), name: `Tenant ${index}` }));
      const walks = tenants.map(({ tenantId, name }) => walk(createClient(gateway.url(), tenantId), name, keys));
      expect(await Promise.all(walks)).toEqual(tenants.map(({ tenantId, name }) => expected(tenantId, name, keys)));
    }, 60_000);
  });
});
