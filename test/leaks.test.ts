/** Canaries: values that no one but their sender may see again, sought in answers, in the server's log and in the database's. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SignJWT } from 'jose';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type Api, useApi } from './api.ts';
import { query } from './database.ts';

/** The log of the tests' own PostgreSQL, from where it ends now; a server that was given has one of its own. */
function databaseLog(): { since(): string } | undefined {
  if (process.env.DATABASE_URL !== undefined) return undefined;
  const folder = '.data/test';
  const place = readIfThere(path.join(folder, 'location'))?.trim() ?? folder;
  const file = path.join(place, 'server.log');
  const start = statSync(file).size;
  return { since: () => readFileSync(file).subarray(start).toString() };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const canary = (what: string) => `${what}-${randomBytes(8).toString('hex')}`;
const SECRET = canary('canary-secret-long-enough-for-hs256');
const SUBJECT = `${canary('canary-subject')}@example.com`;
const NAME = canary('canary-name');
const EMAIL = `${canary('canary-mail')}@example.com`;
const KEY = canary('canary-key');
const SEARCH = canary('canary-search');
const TEXT = canary('canary-text');

const tenantId = randomUUID();
async function token(secret = SECRET, claims: object = {}): Promise<string> {
  const payload = { tenant_id: tenantId, sub: SUBJECT, ...claims };
  const signed = new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime('1h');
  return signed.sign(new TextEncoder().encode(secret));
}

async function post(api: Api, body: unknown, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(api.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
}

const CREATE = `mutation ($i: CreateCompanyInput!) { createCompany(input: $i) { company { id } userErrors { __typename code message path } } }`;
const UPSERT = `mutation ($i: UpsertCo2CustomerInput!) { upsertCo2Customer(input: $i) { co2Customer { id } userErrors { code message path } warnings { message } } }`;
const FIND = `query ($filter: CompanyFilter, $after: String) { companies(filter: $filter, after: $after) { totalCount } }`;
const input = { name: NAME, country: 'DE', externalId: KEY, contactEmail: EMAIL, description: TEXT };

/** Requests of all kinds, none of which asks for what it sends. */
const REQUESTS: [
  what: string,
  body: unknown,
  headers?: () => Record<string, string> | Promise<Record<string, string>>,
][] = [
  ['a new company', { query: CREATE, variables: { i: input } }],
  ['a company that is there', { query: CREATE, variables: { i: input } }],
  ['a new customer', { query: UPSERT, variables: { i: { email: EMAIL, firstName: NAME, lastName: TEXT } } }],
  ['a wrong address', { query: UPSERT, variables: { i: { email: `${EMAIL} `, businessName: '' } } }],
  [
    'a wrong NUL',
    { query: CREATE, variables: { i: { ...input, name: `${NAME}\0`, website: TEXT, naceCodes: [TEXT] } } },
  ],
  ['a wrong link', { query: UPSERT, variables: { i: { email: EMAIL, companyId: TEXT } } }],
  ['a link to nobody', { query: UPSERT, variables: { i: { email: EMAIL, companyId: randomUUID() } } }],
  ['a wrong type', { query: CREATE, variables: { i: { ...input, employeeCount: TEXT } } }],
  ['a wrong enum', { query: CREATE, variables: { i: { ...input, certifications: [TEXT] } } }],
  ['a wrong key', { query: CREATE, variables: { i: { ...input, [`${TEXT}!`]: 1 } } }],
  ['an object for a text', { query: CREATE, variables: { i: { ...input, name: { [TEXT]: EMAIL } } } }],
  ['a list for an object', { query: CREATE, variables: { i: [EMAIL] } }],
  ['a search', { query: FIND, variables: { filter: { name: { contains: SEARCH, ignoreCase: true } } } }],
  ['a search that cannot be', { query: FIND, variables: { filter: { name: { contains: `${SEARCH}\0` } } } }],
  ['a wrong cursor', { query: FIND, variables: { after: SEARCH } }],
  [
    'a forged cursor',
    { query: FIND, variables: { after: Buffer.from(JSON.stringify([SEARCH])).toString('base64url') } },
  ],
  ['a wrong ID', { query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id: KEY } }],
  [
    'an ID of another type',
    { query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id: `${KEY}:${randomUUID()}` } },
  ],
  ['a literal', { query: `{ companies(first: "${SEARCH}", filter: "${EMAIL}") { totalCount } }` }],
  ['a document that breaks off', { query: `{ companies(filter: {name: {eq: "${SEARCH}"` }],
  ['a text where none may be', { query: `{ companies "${SEARCH}" }` }],
  ['a parameter', { query: '{ viewer { scopes } }', [TEXT]: 1 }],
  ['an operation that is not there', { query: 'query A { viewer { scopes } }', operationName: TEXT }],
  ['JSON that breaks off', `{"query": "${TEXT}`],
  ['variables as a text', { query: '{ viewer { scopes } }', variables: EMAIL }],
  [
    'a token of another key',
    { query: '{ viewer { scopes } }' },
    async () => bearer(await token(canary('canary-other-secret-of-32-bytes'))),
  ],
  ['a token that is none', { query: '{ viewer { scopes } }' }, () => bearer(KEY)],
  ['a wrong tenant', { query: '{ viewer { scopes } }' }, async () => bearer(await token(SECRET, { tenant_id: KEY }))],
  ['no scope', { query: CREATE, variables: { i: input } }, async () => bearer(await token(SECRET, { scope: 'read' }))],
  ['an ID of a request', { query: '{ viewer { scopes } }' }, () => ({ 'x-request-id': `${EMAIL} "` })],
  [
    'other headers',
    { query: '{ viewer { scopes } }' },
    () => ({ cookie: KEY, 'user-agent': KEY, referer: `https://${KEY}/`, 'x-forwarded-for': KEY }),
  ],
  ['a type', '{}', () => ({ 'content-type': `text/plain; x=${KEY}` })],
  ['a media type', { query: '{ viewer { scopes } }' }, () => ({ accept: `text/${KEY}` })],
];

function bearer(credentials: string) {
  return { authorization: `Bearer ${credentials}` };
}

const canaries = [SECRET, SUBJECT, NAME, EMAIL, KEY, SEARCH, TEXT];

/** Also as parts: a token's payload, and what is left of one that was cut. */
async function expectSilence(text: string, where: string): Promise<void> {
  const tokens = (await token()).split('.').slice(0, 2);
  const found = [...canaries, ...tokens, 'canary-'].filter((secret) => text.includes(secret));
  expect([where, found]).toEqual([where, []]);
}

describe('what a client sends', () => {
  const log = databaseLog();
  const api = useApi({ JWT_SECRET: SECRET, STATEMENT_TIMEOUT_MS: '300' });
  const poor = useApi({ JWT_SECRET: SECRET, TENANT_POINTS_PER_SECOND: '1', MAX_COST: '10' });
  const password = () => decodeURIComponent(new URL(api.databaseUrl).password);
  const logged = () => JSON.stringify([...api.log, ...poor.log]);

  it('comes back in no answer that was not asked for it, and is in no log', async () => {
    for (const [what, body, headers] of REQUESTS) {
      const answer = await post(api, body, await headers?.());
      expect([what, answer.slice(0, 1)]).toEqual([what, expect.stringMatching(/[24]/)]);
      await expectSilence(answer, what);
    }
    expect(api.log.length).toBeGreaterThanOrEqual(REQUESTS.length);
    await expectSilence(logged(), "the server's log");
    if (log) await expectSilence(log.since(), "the database's log");
  });

  it.each([
    ['GET', 'graphql', () => `?query=${encodeURIComponent(`{ companies(filter: "${EMAIL}") { totalCount } }`)}`],
    ['GET', 'graphql', () => `?query=%7B%7D&variables=${EMAIL}&${KEY}=1`],
    ['GET', 'nope', () => `/${EMAIL}?${KEY}`],
    ['GET', 'graphql/assets', () => `/${EMAIL}`],
    ['DELETE', 'graphql', () => `?${EMAIL}`],
  ])('by %s in the address /%s is in no answer and no log', async (method, at, rest) => {
    const headers = { authorization: `Bearer ${await token()}` };
    const answer = await fetch(`${api.url.replace('graphql', at)}${rest()}`, { method, headers });
    await expectSilence(JSON.stringify([...answer.headers]) + (await answer.text()), at);
    await expectSilence(logged(), "the server's log");
  });

  it('stays unseen when its statement takes too long', async () => {
    const blocker = new pg.Client({ connectionString: api.databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE company IN ACCESS EXCLUSIVE MODE');
    for (const body of [
      { query: FIND, variables: { filter: { name: { eq: SEARCH } } } },
      { query: CREATE, variables: { i: { ...input, externalId: `${KEY}-2` } } },
    ])
      await expectSilence(await post(api, body), 'a time-out');
    await blocker.end();
    await expectSilence(logged(), "the server's log");
    if (log === undefined) return;
    expect(log.since()).toContain('canceling statement due to statement timeout');
    await expectSilence(log.since(), "the database's log");
  });

  it('stays unseen when a budget is spent', async () => {
    const body = { query: FIND, variables: { filter: { name: { contains: SEARCH } } } };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(poor, body)));
    expect(answers.some((answer) => answer.startsWith('429'))).toBe(true);
    for (const answer of answers) await expectSilence(answer, 'a spent budget');
    await expectSilence(logged(), "the server's log");
  });

  it('stays unseen when the database finds its key taken', async () => {
    const insert = `INSERT INTO company (tenant_id, id, name, country, external_id) VALUES ($1, $2, $3, 'DE', $4)`;
    const twice = () => query(api.databaseUrl, insert, [tenantId, randomUUID(), NAME, `${KEY}-3`]);
    await twice();
    const error = await twice().catch((problem: pg.DatabaseError) => problem);
    // The client is told the values: it has them. The log is not.
    expect(error).toMatchObject({ code: '23505', detail: expect.stringContaining(KEY) });
    if (log === undefined) return;
    expect(log.since()).toContain('duplicate key value violates unique constraint');
    await expectSilence(log.since(), "the database's log");
  });

  it('stays unseen when our own statement fails, and so do the secrets of the server', async () => {
    await query(api.databaseUrl, 'ALTER TABLE company RENAME COLUMN name TO label');
    for (const [what, body] of REQUESTS.slice(0, 14)) await expectSilence(await post(api, body), what);
    const failures = api.log.filter((line) => 'failures' in line);
    expect(failures.length).toBeGreaterThan(0);
    await expectSilence(logged(), "the server's log");
    const secrets = [password(), api.databaseUrl].filter((secret) => secret.length > 8);
    expect(secrets.filter((secret) => logged().includes(secret))).toEqual([]);
    if (log === undefined) return;
    expect(log.since()).toMatch(/ERROR: {2}column .*name does not exist/);
    await expectSilence(log.since(), "the database's log");
    expect(secrets.filter((secret) => log.since().includes(secret))).toEqual([]);
  });
});
