/**
 * The explorer as a visitor meets it: a gateway as a person starts it, in Chromium. What it looks like is left in
 * build/screenshots. Skipped, and says so, where playwright-core or a browser is missing: `apt-get install -y chromium`.
 */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readExamples } from '../src/http/explorer-content.ts';
import { type DatabaseFolder, databaseFolder, type GatewayProcess, startGateway } from './gateway-process.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const playwright = await import('playwright-core').catch(() => undefined);
const missing = playwright === undefined ? 'playwright-core' : existsSync(CHROMIUM) ? undefined : CHROMIUM;

const examples = readExamples();
const operationIn = (document: string) => /^(?:query|mutation) (\w+)/m.exec(document)?.[1] ?? '';
const operations = examples.map(({ document }) => operationIn(document));

describe.skipIf(missing !== undefined)(
  `the explorer in a browser${missing === undefined ? '' : ` (skipped: ${missing} is not installed)`}`,
  { timeout: 120_000 },
  () => {
    let place: DatabaseFolder;
    let gateway: GatewayProcess;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let origin: string;
    /** `Authorization` of each GraphQL request since the test began, the method and address of every request, and complaints. */
    let authorizations: (string | undefined)[];
    let requests: string[];
    let complaints: string[];

    beforeAll(async () => {
      if (playwright === undefined) throw new Error('Cannot start.');
      place = await databaseFolder();
      gateway = await startGateway({ EMBEDDED_PG_DIR: place.folder, LOG_LEVEL: 'warn' });
      origin = new URL(gateway.url()).origin;
      browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
    });
    afterAll(async () => {
      await browser.close();
      gateway.signal('SIGINT');
      await gateway.exit;
      await place.remove();
    });

    beforeEach(() => visit({}));
    afterEach(() => context.close());

    /** A new visitor. */
    const visit = async (options: { colorScheme?: 'light' | 'dark'; extraHTTPHeaders?: Record<string, string> }) => {
      await context?.close();
      [authorizations, requests, complaints] = [[], [], []];
      context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      page = await context.newPage();
      context.on('request', (request) => {
        requests.push(`${request.method()} ${request.url()}`);
        if (request.method() === 'POST') authorizations.push(request.headers().authorization);
      });
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
    };
    const tabs = () => page.getByRole('tablist', { name: 'Select active operation' }).getByRole('tab').allInnerTexts();
    const kept = () => page.evaluate<string>('JSON.stringify(localStorage)');
    /** By keyboard: while tabs slide into their place, GraphiQL takes a click for the beginning of a drag. */
    const openTab = async (operation: string) => {
      await page.getByRole('button', { name: operation, exact: true }).press('Enter');
      await page.getByRole('tab', { selected: true }).getByText(operation).waitFor();
    };
    /** Clicks on Run. @returns the answer, once the page shows a part of it. */
    const run = async (operation: string, shows: string | RegExp): Promise<{ data?: unknown; errors?: unknown }> => {
      const [response] = await Promise.all([
        page.waitForResponse((candidate) => candidate.request().postData()?.includes(operation) === true),
        page.getByRole('button', { name: 'Execute query' }).click(),
      ]);
      await page.getByRole('region', { name: 'Result Window' }).getByText(shows).first().waitFor();
      return response.json();
    };
    const firstRun = () => run('FirstLook', 'Fjordglass AS');
    const screenshot = (name: string) => page.screenshot({ path: `build/screenshots/${name}.png` });

    test('answers data at the first click, with nothing from elsewhere and nothing to complain about', async () => {
      await page.goto(`${origin}/graphql`);
      expect(await firstRun()).toMatchObject({ data: { companies: { totalCount: 8 } } });
      await screenshot('light');

      expect(complaints).toEqual([]);
      expect(await page.title()).toBe('Carbon gateway');
      expect(authorizations).toHaveLength(2);
      expect(new Set(authorizations).size).toBe(1);
      const allowed = (request: string) =>
        [`POST ${origin}/graphql`, `GET ${origin}/graphql`].includes(request) ||
        request.startsWith(`GET ${origin}/graphql/assets/`) ||
        request.startsWith('GET data:');
      expect(requests.filter((request) => !allowed(request))).toEqual([]);
      expect(requests.filter((request) => request === `GET ${origin}/graphql`)).toHaveLength(1);
    });

    test('opens a tab for each example, and every one answers data, mutations too', async () => {
      await page.goto(`${origin}/graphql`);
      await expect.poll(tabs).toEqual(operations);
      for (const { name, document } of examples) {
        const operation = operationIn(document);
        await openTab(operation);
        const { data, errors } = await run(operation, '"data"');
        expect(errors).toBeUndefined();
        if (operation === 'UpsertCompany') expect(data).toMatchObject({ upsertCompany: { outcome: 'UPDATED' } });
        if (operation === 'PatchCompany') expect(data).toMatchObject({ patchCompany: { company: { version: 2 } } });
        await screenshot(name);
      }
      expect(complaints).toEqual([]);
    });

    test('shows in its docs pane what a field means', async () => {
      await visit({ colorScheme: 'dark' });
      await page.goto(`${origin}/graphql`);
      await firstRun();
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
      const docs = page.getByRole('region', { name: 'Documentation Explorer' });
      await docs.getByRole('link', { name: 'Query', exact: true }).click();
      await docs.getByRole('link', { name: 'viewer', exact: true }).click();
      await docs.getByText('Who the token says you are.').first().waitFor();
      await screenshot('dark');
      expect(complaints).toEqual([]);
    });

    test('without a token, shows the 401 that says what to do, and the way to a token', async () => {
      await visit({ extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.9' } });
      await page.goto(`${origin}/graphql`);
      const answer = await run('FirstLook', 'send one in the header');
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      await page.getByText('npm run --silent token').waitFor();
      await screenshot('without-a-token');
    });

    test('goes on in the tab where the last visit ended, and opens the query of a link in one of its own', async () => {
      await page.goto(`${origin}/graphql`);
      await expect.poll(kept, { timeout: 10_000 }).toContain('graphiql:tabState');
      await page.reload();
      await page.getByRole('tab', { selected: true }).waitFor();
      expect(await tabs()).toEqual(operations);

      await openTab('ContractPrices');
      await expect.poll(kept, { timeout: 10_000 }).toMatch(/activeTabIndex\\":5/);
      await page.goto(`${origin}/graphql`);
      await page.getByRole('tab', { selected: true }).getByText('ContractPrices').waitFor();
      expect(await run('ContractPrices', 'Polderenergie')).toMatchObject({ data: {} });
      expect(await tabs()).toEqual(operations);

      const link = `${origin}/graphql?query=${encodeURIComponent('query Linked { viewer { subject } }')}`;
      await page.goto(link);
      expect(await run('Linked', 'developer@example.com')).toMatchObject({ data: {} });
      expect(await tabs()).toEqual([...operations, 'Linked']);

      await visit({});
      await page.goto(link);
      expect(await run('Linked', 'developer@example.com')).toMatchObject({ data: {} });
      expect(await tabs()).toEqual(['Linked', ...operations]);
      expect(complaints).toEqual([]);
    });

    test('keeps queries but no token, so that a later visit starts with a fresh one in every tab', async () => {
      await page.goto(`${origin}/graphql`);
      await firstRun();
      const [token] = new Set(authorizations);
      await expect.poll(kept, { timeout: 10_000 }).toMatch(/graphiql:tabState.*FirstLook/);
      expect(await kept()).not.toContain('Bearer ey');

      await page.getByRole('button', { name: 'New tab' }).click();
      await expect.poll(kept, { timeout: 10_000 }).toMatch(/<untitled>/);
      await page.reload();
      await openTab('FirstLook');
      expect(await tabs()).toEqual([...operations, '<untitled>']);
      authorizations = [];
      await firstRun();
      expect(new Set(authorizations).size).toBe(1);
      expect(authorizations[0]).toMatch(/^Bearer ey/);
      expect(authorizations[0]).not.toBe(token);
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
      await firstRun();
      expect(authorizations.filter((authorization) => !authorization?.startsWith('Bearer ey'))).toEqual([]);
    });
  },
);
