/**
 * The example page with the demo tenant, in Chromium. Skipped, and says so, where playwright-core or a browser is missing:
 * `apt-get install -y chromium`. Leaves pictures in build/screenshots.
 */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signDevelopmentToken } from '../src/development-key.ts';
import { type Frontend, startFrontend } from './frontend-process.ts';
import { graphql } from './gql/gql.ts';
import type { CompanyPatch } from './gql/graphql.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const playwright = await import('playwright-core').catch(() => undefined);
const missing = playwright === undefined ? 'playwright-core' : existsSync(CHROMIUM) ? undefined : CHROMIUM;

const DEMO_TENANT = '0de30000-0000-4000-8000-000000000001';

const FrontendFind = graphql(`
  query FrontendFind($name: String!) {
    companies(filter: { name: { startsWith: $name } }) { nodes { id } }
  }
`);
const FrontendPatch = graphql(`
  mutation FrontendPatch($id: ID!, $patch: CompanyPatch!) {
    patchCompany(by: { id: $id }, patch: $patch) { company { version } }
  }
`);

describe.skipIf(missing !== undefined)(
  `the example page in a browser${missing === undefined ? '' : ` (skipped: ${missing} is not installed)`}`,
  { timeout: 60_000 },
  () => {
    let frontend: Frontend;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let complaints: string[];
    let hosts: Set<string>;

    beforeAll(async () => {
      if (playwright === undefined) throw new Error('Cannot start.');
      frontend = await startFrontend();
      browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
    });
    afterAll(async () => {
      await browser.close();
      await frontend.stop();
    });

    beforeEach(async () => {
      [complaints, hosts] = [[], new Set()];
      context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      context.setDefaultTimeout(15_000);
      page = await context.newPage();
      context.on('request', (request) => hosts.add(new URL(request.url()).host));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(frontend.origin);
    });
    afterEach(async () => {
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([new URL(frontend.origin).host]);
      await context.close();
    });

    const names = () => page.getByRole('listitem').getByRole('heading').allTextContents();
    const count = (text: string) => page.getByRole('heading', { name: text, exact: true }).waitFor();
    const drawer = () => page.getByRole('dialog');
    const field = (name: string) => drawer().getByLabel(name, { exact: true });
    const picture = (name: string) => page.screenshot({ path: `build/screenshots/frontend-${name}.png` });

    async function open(name: string): Promise<void> {
      await page.getByRole('searchbox', { name: 'Name' }).fill(name);
      await page.getByRole('button', { name }).click();
      await drawer().getByRole('heading', { name, exact: true }).waitFor();
    }

    /** What another person does meanwhile, past this page. */
    async function meanwhile(name: string, patch: CompanyPatch): Promise<void> {
      const claims = { tenantId: DEMO_TENANT, subject: 'someone.else@example.com', ttlSeconds: 60 };
      const authorization = `Bearer ${await signDevelopmentToken(frontend.place.folder, claims)}`;
      const ask = async (document: unknown, variables: object) => {
        const headers = { 'content-type': 'application/json', authorization };
        const body = JSON.stringify({ query: String(document), variables });
        return (await fetch(frontend.gateway.url(), { method: 'POST', headers, body })).json();
      };
      const { data } = await ask(FrontendFind, { name });
      await ask(FrontendPatch, { id: data.companies.nodes[0].id, patch });
    }

    test('lists the demo companies, the most ready first, and shows more when asked', async () => {
      await count('8 companies');
      expect((await names())[0]).toBe('Fjordglass AS');
      expect(await names()).toHaveLength(5);
      await picture('list');
      await page.getByRole('button', { name: 'Show more' }).click();
      await expect.poll(names).toHaveLength(8);
      expect(new Set(await names()).size).toBe(8);
      expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
      // who asked by keyboard reads on at the first new company
      expect(await page.evaluate('document.activeElement.textContent')).toBe((await names())[5]);
    });

    test('filters by country, by a part of the name and by readiness, and says when nothing is left', async () => {
      await count('8 companies');
      await page.getByLabel('Country').selectOption('DE');
      await count('3 companies');
      await page.getByRole('searchbox', { name: 'Name' }).fill('wattWERK');
      await count('1 company');
      expect(await names()).toEqual(['Wattwerk Energieberatung']);
      await page.getByRole('slider', { name: 'Readiness' }).fill('55');
      await count('0 companies');
      await page.getByText('No company fits.').waitFor();
    });

    test('draws the readiness: five arcs, as full as what they earn', async () => {
      await open('GreenTech Solutions GmbH');
      const ring = drawer().getByRole('img', { name: /^Readiness 60 %: Baseline 30 of 30, Scope 3 0 of 15/ });
      await ring.waitFor();
      const arcs = await ring
        .locator('circle')
        .evaluateAll((circles) =>
          circles.map((circle) => [circle.getAttribute('data-criterion'), circle.getAttribute('data-part')].join(' ')),
        );
      expect(arcs.filter((arc) => arc.endsWith('missing'))).toHaveLength(5);
      expect(arcs.filter((arc) => arc.endsWith('earned'))).toEqual([
        'BASELINE earned',
        'REDUCTION_TARGET earned',
        'CERTIFICATIONS earned',
      ]);
      await picture('readiness');
      await drawer().getByRole('button', { name: 'Add net-zero year' }).click();
      expect(await field('Net-zero year').evaluate((input) => input === document.activeElement)).toBe(true);
    });

    test('shows what the gateway refuses at the fields, saves once it is right, and draws the new readiness', async () => {
      await open('Wattwerk Energieberatung');
      await field('Reduction %').fill('140');
      await field('Reduction year').fill('1990');
      await field('Website').fill('wattwerk');
      await drawer().getByRole('button', { name: 'Save 3 changes' }).click();

      await expect.poll(() => drawer().locator('[aria-invalid="true"]').count()).toBe(3);
      expect(await field('Website').getAttribute('aria-invalid')).toBe('true');
      expect(await field('Website').evaluate((input) => input === document.activeElement)).toBe(true);
      const describedBy = await field('Reduction year').getAttribute('aria-describedby');
      expect(await drawer().locator(`#${describedBy}`).textContent()).toMatch(/2020/);
      await picture('user-errors');

      await field('Reduction %').fill('40');
      await field('Reduction year').fill('2035');
      await field('Website').fill('https://wattwerk.example');
      await page.keyboard.press('Enter');
      await drawer().getByText('Saved as version 2.').waitFor();
      expect(await drawer().locator('[aria-invalid="true"]').count()).toBe(0);
      await drawer()
        .getByRole('img', { name: /^Readiness 70 %/ })
        .waitFor();
      await page.keyboard.press('Escape');
      await page
        .getByRole('listitem')
        .getByRole('img', { name: /^Readiness 70 %/ })
        .waitFor();
    });

    test('survives that someone else was faster: shows their values, keeps the edits, and saves again', async () => {
      await open('Lumen & Loom Oy');
      await field('Employees').fill('70');
      await field('Scope 1 t CO₂e a year').fill('12.5');
      await meanwhile('Lumen', { employeeCount: 66, website: 'https://lumen.example' });
      await drawer().getByRole('button', { name: 'Save 2 changes' }).click();

      const notice = drawer().getByRole('alert');
      await notice.getByText('Someone else changed this company while you were editing.').waitFor();
      expect(await notice.getByRole('listitem').allTextContents()).toEqual([
        'Employees: 64 66, yours 70',
        'Website: empty https://lumen.example',
      ]);
      expect(await field('Employees').inputValue()).toBe('70');
      expect(await field('Website').inputValue()).toBe('https://lumen.example');
      await picture('stale-version');

      await drawer().getByRole('button', { name: 'Save 2 changes again' }).click();
      await drawer().getByText('Saved as version 3.').waitFor();
      expect(await field('Employees').inputValue()).toBe('70');
      expect(await field('Website').inputValue()).toBe('https://lumen.example');
    });

    test('lets them have it, too, and asks before edits are lost', async () => {
      await open('Bageri Morgonsol AB');
      await field('Employees').fill('30');
      await meanwhile('Bageri', { employeeCount: 25 });
      await drawer().getByRole('button', { name: 'Save 1 change' }).click();
      await drawer().getByText('It is 25 now.').waitFor();
      await field('E-mail').fill('bread@example.com');
      page.once('dialog', (question) => question.dismiss());
      await drawer().getByRole('button', { name: 'Close' }).click();
      await drawer().getByRole('button', { name: 'Keep that' }).click();
      expect(await field('Employees').inputValue()).toBe('25');
      await drawer().getByRole('button', { name: 'Save 1 change again' }).click();
      await drawer().getByText('Saved as version 3.').waitFor();
      await drawer().getByRole('button', { name: 'Close' }).click();
      await expect.poll(() => drawer().count()).toBe(0);
    });

    test('fits a telephone', async () => {
      await page.setViewportSize({ width: 375, height: 812 });
      await count('8 companies');
      const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(await overflow()).toBe(0);
      await page.getByRole('heading', { name: '8 companies' }).scrollIntoViewIfNeeded();
      await picture('telephone-list');
      await open('Polderwind Logistiek B.V.');
      expect(await overflow()).toBe(0);
      expect(await drawer().evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
      await picture('telephone-drawer');
    });

    test('gives its token to no page of another origin', async () => {
      const answer = await fetch(`${frontend.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
        body: '{"query":"{ __typename }"}',
      });
      expect(answer.status).toBe(401);
    });
  },
);
