import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkDatabase } from '../src/database/check.ts';
import { openDatabase } from '../src/database/client.ts';
import { ERROR_CODES } from '../src/http/errors.ts';
import { useApi } from './api.ts';
import { cloneDatabase, query } from './database.ts';
import { company, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';

const WhoAmI = graphql(`query ErrorsWhoAmI { viewer { tenantId subject scopes } }`);
const Count = graphql(`query ErrorsCount { companies { totalCount } }`);
const Create = graphql(`
  mutation ErrorsCreate($input: CreateCompanyInput!) { createCompany(input: $input) { company { id } userErrors { message } } }
`);

describe('the viewer and the scopes', () => {
  const api = useApi();

  it('are what the token says', async () => {
    const id = tenant();
    expect((await api.as(id).ask(WhoAmI)).viewer).toEqual({
      tenantId: id,
      subject: 'tester@example.com',
      scopes: ['READ', 'WRITE'],
    });
    expect((await api.as(id, ['read', 'admin']).ask(WhoAmI)).viewer.scopes).toEqual(['READ', 'ADMIN']);
  });

  it('refuse a query without read, and a mutation without write, before anything is touched', async () => {
    const id = tenant();
    const statements = await api.statementsOf(async () => {
      const read = await api.as(id, ['write']).send(Count);
      expect(read.status).toBe(403);
      expect(read.body).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      expect(read.body.data).toBeUndefined();
      const write = await api.as(id, ['read']).send(Create, { input: { name: 'Nobody', country: 'DE' } });
      expect(write.body).toMatchObject({
        errors: [{ message: expect.stringContaining('"write"'), extensions: { code: 'FORBIDDEN' } }],
      });
    });
    expect(statements).toEqual([]);
    expect((await api.as(id, ['read']).ask(Count)).companies.totalCount).toBe(0);
    expect(
      (await api.as(id, ['write']).ask(Create, { input: { name: 'Somebody', country: 'DE' } })).createCompany
        .userErrors,
    ).toEqual([]);
  });

  it.each([
    ['no token', {}, 'Bearer realm="carbon-gateway"'],
    [
      'a token that is none',
      { authorization: 'Bearer nonsense' },
      'Bearer realm="carbon-gateway", error="invalid_token"',
    ],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, 'Bearer realm="carbon-gateway", error="invalid_token"'],
  ])('answer %s with 401, the scheme and one sentence, whatever the body is', async (_, headers, challenge) => {
    for (const body of [
      JSON.stringify({ query: '{ viewer { subject } }' }),
      '{ nonsense',
      JSON.stringify({ query: '{ nope' }),
    ]) {
      const response = await fetch(api.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(challenge);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(text).not.toMatch(/nonsense|dXNlcjpwYXNz/);
    }
  });

  it('take the tenant from the token alone', async () => {
    const [mine, other] = [tenant(), tenant()];
    await company(api.as(other), { name: 'Theirs' });
    const { body } = await api
      .as(mine)
      .post(
        { query: '{ viewer { tenantId } companies { totalCount } }' },
        { 'x-tenant-id': other, 'x-hasura-tenant': other },
      );
    expect(body.data).toEqual({ viewer: { tenantId: mine }, companies: { totalCount: 0 } });
  });
});

describe('top-level errors', () => {
  const api = useApi();
  const client = () => api.as(tenant());

  it.each([
    [
      'a document that is not GraphQL',
      { query: '{ viewer' },
      'GRAPHQL_PARSE_FAILED',
      'Syntax Error: Expected Name, found <EOF>.',
    ],
    [
      'an unknown field',
      { query: '{ viewer { subjct } }' },
      'GRAPHQL_VALIDATION_FAILED',
      'Cannot query field "subjct" on type "Viewer". Did you mean "subject"?',
    ],
    [
      'a missing variable',
      { query: 'query ($id: ID!) { node(id: $id) { id } }' },
      'BAD_USER_INPUT',
      'Variable "$id" of required type "ID!" was not provided.',
    ],
    [
      'a variable of a wrong type',
      { query: 'query ($n: Int) { companies(first: $n) { totalCount } }', variables: { n: 'many' } },
      'BAD_USER_INPUT',
      'Variable "$n": This is no Int. Use a whole number from -2147483648 to 2147483647.',
    ],
    [
      'an unknown operation',
      { query: 'query A { viewer { subject } }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
      'Could not determine what operation to execute.',
    ],
    [
      'an argument out of bounds',
      { query: '{ companies(first: 0) { totalCount } }' },
      'BAD_USER_INPUT',
      'Ask for 1 to 100 records in first, not 0.',
    ],
    ['a body without a query', { variables: {} }, 'BAD_REQUEST', 'Must provide query string.'],
  ])('say what is wrong with %s, with a code', async (_, body, code, message) => {
    const answer = await client().post(body);
    expect(answer.body.errors).toMatchObject([{ message, extensions: { code } }]);
    expect(answer.status).toBeLessThan(500);
  });

  it('list the values that an enum accepts', async () => {
    const { body } = await client().post({
      query: 'mutation ($input: CreateCompanyInput!) { createCompany(input: $input) { company { id } } }',
      variables: { input: { name: 'Example', country: 'DE', certifications: ['ISO_9001'] } },
    });
    expect(body.errors?.[0]?.message).toContain(
      'Use one of B_CORP, CDP_DISCLOSURE, EMAS, EU_ECOLABEL, ISO_14001, SBTI_COMMITTED, SBTI_VALIDATED.',
    );
  });

  it('carry the request ID that the header and one log line have too', async () => {
    const { headers, body } = await client().post({ query: '{ nope }' });
    const requestId = headers.get('x-request-id');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.errors?.[0]?.extensions.requestId).toBe(requestId);
    expect(api.log.filter((line) => line.requestId === requestId)).toMatchObject([
      { codes: ['GRAPHQL_VALIDATION_FAILED'], path: '/graphql' },
    ]);
  });

  it('keep the request ID of the caller, unless it could do harm in a log', async () => {
    const chosen = randomUUID();
    expect(
      (await client().post({ query: '{ viewer { subject } }' }, { 'x-request-id': chosen })).headers.get(
        'x-request-id',
      ),
    ).toBe(chosen);
    const harmful = await client().post({ query: '{ viewer { subject } }' }, { 'x-request-id': 'a"b {}' });
    expect(harmful.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a failure of ours', () => {
  const api = useApi();

  it('is masked, and logged once without any value', async () => {
    await query(api.databaseUrl, 'ALTER TABLE company RENAME COLUMN name TO label');
    const secret = 'canary-7f3a@example.com';
    const { status, headers, body } = await api.as(tenant()).post({
      query: 'query ($text: String) { companies(filter: { name: { contains: $text } }) { nodes { name } } }',
      variables: { text: secret },
    });
    expect(status).toBe(200);
    expect(body.errors).toMatchObject([
      {
        message: 'Something went wrong on our side: report the requestId.',
        path: ['companies', 'nodes'],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/label|prisma|select|\.ts|canary/i);
    const lines = api.log.filter((line) => line.requestId === headers.get('x-request-id'));
    expect(lines).toMatchObject([
      {
        level: 50,
        failures: [
          {
            name: 'PrismaClientKnownRequestError',
            frames: expect.arrayContaining([expect.stringContaining('list/page')]),
          },
        ],
      },
    ]);
    expect(JSON.stringify(api.log)).not.toContain('canary');
  });
});

describe('a database that ends idle connections', () => {
  it('does not end the process, and is asked again', async () => {
    const url = await cloneDatabase();
    const database = openDatabase({ url, poolSize: 2 });
    try {
      await checkDatabase(database);
      const ended = new Promise<void>((resolve) => {
        database.pool.on('remove', () => {
          if (database.pool.totalCount === 0) resolve();
        });
      });
      await query(
        url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await ended;
      await checkDatabase(database);
    } finally {
      await database.close();
    }
  });
});

describe('the list of error codes', () => {
  it('is the one in the README', async () => {
    const { readFile } = await import('node:fs/promises');
    const readme = await readFile('README.md', 'utf8');
    for (const [code, meaning] of Object.entries(ERROR_CODES)) expect(readme).toContain(`| \`${code}\` | ${meaning} |`);
  });
});
