/**
 * The explorer as a visitor meets it, in Chromium. Skipped, and says so, where playwright-core or a browser is missing:
 * `apt-get install -y chromium`.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createExplorer } from '../src/http/explorer.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const playwright = await import('playwright-core').catch(() => undefined);
const missing = playwright === undefined ? 'playwright-core' : existsSync(CHROMIUM) ? undefined : CHROMIUM;

const typeDefs = /* GraphQL */ `
  type Query { viewer: Viewer!, companies(first: Int): CompanyPage! }
  type Viewer { tenantId: ID!, subject: String!, scopes: [String!]!, tokenExpiresAt: String! }
  type CompanyPage { totalCount: Int!, nodes: [Company!]! }
  type Company { name: String!, country: String!, totalEmissions: Float, carbonReadinessScore: Int! }
`;
const company = { name: 'Nordwind AB', country: 'SE', totalEmissions: 1250.5, carbonReadinessScore: 80 };
const resolvers = {
  Query: {
    viewer: () => ({ tenantId: '1', subject: 'developer', scopes: ['read'], tokenExpiresAt: '2030-01-01T00:00:00Z' }),
    companies: () => ({ totalCount: 1, nodes: [company] }),
  },
};

describe.skipIf(missing !== undefined)(
  `the explorer in a browser${missing === undefined ? '' : ` (skipped: ${missing} is not installed)`}`,
  { timeout: 60_000 },
  () => {
    let tokensMade = 0;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let origin: string;
    /** `Authorization` of each GraphQL request since the test began, the method and address of every request, and complaints. */
    let authorizations: (string | null)[];
    let requests: string[];
    let complaints: string[];

    const yoga = createYoga({
      graphiql: false,
      landingPage: false,
      logging: false,
      schema: createSchema({ typeDefs, resolvers }),
      plugins: [
        createExplorer({ endpoint: '/graphql', developmentToken: async () => `secret-${++tokensMade}` }),
        {
          onRequest({ request, endResponse }) {
            authorizations.push(request.headers.get('authorization'));
            if (request.headers.get('authorization')?.startsWith('Bearer secret-')) return;
            endResponse(Response.json({ errors: [{ message: 'Send a bearer token.' }] }, { status: 401 }));
          },
        },
      ],
    });
    const server = createServer(yoga);

    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (playwright === undefined || address === null || typeof address === 'string') throw new Error('Cannot start.');
      origin = `http://localhost:${address.port}`;
      browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
    });
    afterAll(async () => {
      await browser.close();
      server.close();
    });

    beforeEach(async () => {
      [authorizations, requests, complaints] = [[], [], []];
      context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      page = await context.newPage();
      context.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
    });
    afterEach(() => context.close());

    /** Clicks on Run and waits for the data that only a good token gives. */
    const run = async () => {
      const [response] = await Promise.all([
        page.waitForResponse((candidate) => candidate.request().postData()?.includes('FirstLook') === true),
        page.getByRole('button', { name: 'Execute query' }).click(),
      ]);
      expect(response.status()).toBe(200);
      await page.getByRole('region', { name: 'Result Window' }).getByText(company.name).waitFor();
    };
    const newestToken = () => `Bearer secret-${tokensMade}`;

    test('answers data at the first click, with nothing from elsewhere and nothing to complain about', async () => {
      await page.goto(`${origin}/graphql`);
      await run();

      expect(complaints).toEqual([]);
      expect(await page.title()).toBe('Carbon gateway');
      expect(new Set(authorizations)).toEqual(new Set([newestToken()]));
      const allowed = (request: string) =>
        [`POST ${origin}/graphql`, `GET ${origin}/graphql`].includes(request) ||
        request.startsWith(`GET ${origin}/graphql/assets/`) ||
        request.startsWith('GET data:');
      expect(requests.filter((request) => !allowed(request))).toEqual([]);
      expect(requests.filter((request) => request === `GET ${origin}/graphql`)).toHaveLength(1);
    });

    test('keeps queries but no token, so that a later visit starts with a fresh one in every tab', async () => {
      await page.goto(`${origin}/graphql`);
      await run();
      const kept = () => page.evaluate<string>('JSON.stringify(localStorage)');
      await expect.poll(kept, { timeout: 10_000 }).toMatch(/graphiql:tabState.*FirstLook/);
      expect(await kept()).not.toContain('secret-');

      await page.getByRole('button', { name: 'New tab' }).click();
      await page.reload();
      await page.getByRole('tab').first().getByText('FirstLook').click();
      authorizations = [];
      await run();
      expect(new Set(authorizations)).toEqual(new Set([newestToken()]));
      expect(complaints).toEqual([]);
    });

    test('opens with its own query where another GraphiQL has left tabs and headers', async () => {
      const headers = '{"Authorization":"Bearer of another product"}';
      const query = 'query Foreign { foreign }';
      const tab = { id: '1', title: 'Foreign', query, variables: null, headers, operationName: null, response: null };
      const left = {
        'graphiql:tabState': JSON.stringify({ activeTabIndex: 0, tabs: [tab] }),
        'graphiql:query': query,
        'graphiql:headers': headers,
        'graphiql:shouldPersistHeaders': 'true',
      };
      await context.addInitScript(`Object.assign(localStorage, ${JSON.stringify(left)})`);
      await page.goto(`${origin}/graphql`);
      await run();
      expect(new Set(authorizations)).toEqual(new Set([newestToken()]));
    });
  },
);
