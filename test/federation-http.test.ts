/** What is different over HTTP when a router asks: the secret, the status, the cache, the trace; and where it is served. */
import { randomUUID } from 'node:crypto';
import { Trace } from '@apollo/usage-reporting-protobuf';
import { describe, expect, it } from 'vitest';
import { EnvError, parseEnv } from '../src/env.ts';
import { type ApiError, useApi } from './api.ts';
import * as given from './given.ts';
import { routerFor, subgraphUrl } from './router.ts';

const SECRET = 'a secret between the router and us, long enough';
const TRACED = { 'apollo-federation-include-trace': 'ftv1' };
const NAMES = '{ companies { nodes { name } } }';

const codesOf = ({ errors = [] }: { errors?: ApiError[] }) => errors.map(({ extensions }) => extensions.code);

describe('a router', () => {
  const api = useApi();
  const start = () => routerFor(api, api.as(given.tenant()));

  it('gets data that no shared cache may keep', async () => {
    const { status, headers, body } = await start().send(NAMES);
    expect({ status, body }).toEqual({ status: 200, body: { data: { companies: { nodes: [] } } } });
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  it('gets every refusal with HTTP 200 and a code, while a client gets the status', async () => {
    const wrongToken = { authorization: 'Bearer wrong' };
    const cases: [query: string, headers: Record<string, string>, code: string, ofClient: number][] = [
      [NAMES, wrongToken, 'UNAUTHENTICATED', 401],
      ['{', {}, 'GRAPHQL_PARSE_FAILED', 400],
      ['{ nothing }', { accept: 'application/graphql-response+json' }, 'GRAPHQL_VALIDATION_FAILED', 400],
    ];
    for (const [query, headers, code, ofClient] of cases) {
      const answer = await start().send(query, {}, headers);
      expect([answer.status, ...codesOf(answer.body)], query).toEqual([200, code]);
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
      const client = api.as(given.tenant());
      const accept = { accept: 'application/graphql-response+json', ...headers };
      expect((await client.post({ query }, accept)).status, query).toBe(ofClient);
    }
    const reader = routerFor(api, api.as(given.tenant(), ['read']));
    const refused = await reader.send('mutation { upsertCompanies(items: []) { succeeded } }');
    expect([refused.status, ...codesOf(refused.body)]).toEqual([200, 'FORBIDDEN']);
    expect(api.log.at(-1)).toMatchObject({ path: '/subgraph', status: 403, codes: ['FORBIDDEN'] });
  });

  it('gets a trace when it asks for one, with the times of the fields and no more of an error than the answer has', async () => {
    const router = start();
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Company { called: name } } }';
    const representations = [{ __typename: 'Company', companyId: 'wrong' }];
    const { body } = await router.send(query, { r: representations }, TRACED);
    const { ftv1 } = (body as { extensions: { ftv1: string } }).extensions;
    const trace = Trace.decode(Buffer.from(ftv1, 'base64'));
    const [entities] = trace.root?.child ?? [];
    expect(entities).toMatchObject({ responseName: '_entities', type: '[_Entity]!', parentType: 'Query' });
    expect(Number(entities?.endTime)).toBeGreaterThanOrEqual(Number(entities?.startTime));
    const [{ message, extensions } = { message: '', extensions: {} }] = body.errors ?? [];
    const error = entities?.error?.[0];
    expect(error?.message).toBe(message);
    expect(JSON.parse(error?.json ?? '').extensions).toEqual({
      code: 'BAD_USER_INPUT',
      requestId: (extensions as { requestId: string }).requestId,
    });
  });

  it('gets the same data with a trace as without', async () => {
    const client = api.as(given.tenant());
    const { companyId } = await given.company(client, { name: 'Traced' });
    await given.co2Customer(client, { companyId });
    const representations = Array.from({ length: 3 }, () => ({ __typename: 'Company', companyId }));
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Company { called: name co2Customers { nodes { id } } } } }';
    const router = routerFor(api, client);
    const traced = await router.send(query, { r: representations }, TRACED);
    const plain = await router.send(query, { r: representations });
    expect(plain.body).not.toHaveProperty('extensions');
    expect(traced.body.data).toEqual(plain.body.data);
    const { ftv1 } = (traced.body as unknown as { extensions: { ftv1: string } }).extensions;
    const entities = Trace.decode(Buffer.from(ftv1, 'base64')).root?.child?.[0];
    expect(entities?.child?.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(entities?.child?.[0]?.child?.[0]).toMatchObject({ responseName: 'called', originalFieldName: 'name' });
  });

  it('alone gets a trace: a client that asks for one gets an answer as always', async () => {
    const { body } = await api.as(given.tenant()).post({ query: NAMES }, TRACED);
    expect(body).toEqual({ data: { companies: { nodes: [] } } });
  });
});

describe('a router with a secret', () => {
  const api = useApi({ ROUTER_SECRET: SECRET });

  it('is let in with it, and nobody without it, whatever the token', async () => {
    const router = routerFor(api, api.as(given.tenant()));
    expect((await router.send(NAMES, {}, { 'router-authorization': SECRET })).body).toHaveProperty('data.companies');
    for (const wrong of [undefined, '', SECRET.slice(1), `${SECRET}x`, SECRET.toUpperCase(), randomUUID()]) {
      const headers: Record<string, string> = wrong === undefined ? {} : { 'router-authorization': wrong };
      const { status, body } = await router.send(NAMES, {}, headers);
      expect([status, ...codesOf(body)]).toEqual([200, 'FORBIDDEN']);
      expect(body.data ?? null).toBeNull();
      expect(JSON.stringify(body)).not.toContain(SECRET);
    }
  });

  it('needs a token as well, and clients need no secret', async () => {
    const router = routerFor(api, api.as(given.tenant()));
    const { body } = await router.send(NAMES, {}, { 'router-authorization': SECRET, authorization: '' });
    expect(codesOf(body)).toEqual(['UNAUTHENTICATED']);
    expect((await api.as(given.tenant()).post({ query: NAMES })).status).toBe(200);
  });
});

describe.each([
  ['beside', 200, 200],
  ['alone', 404, 200],
  ['off', 200, 404],
])('SUBGRAPH=%s', (SUBGRAPH, ofClients, ofRouter) => {
  const api = useApi({ SUBGRAPH });

  it(`answers ${ofClients} at /graphql, and ${ofRouter} at /subgraph`, async () => {
    const authorization = `Bearer ${await api.as(given.tenant()).token()}`;
    const statusAt = async (url: string) => {
      const body = JSON.stringify({ query: NAMES });
      const headers = { 'content-type': 'application/json', authorization };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect([await statusAt(api.url), await statusAt(subgraphUrl(api))]).toEqual([ofClients, ofRouter]);
  });
});

describe('the settings', () => {
  it('are refused with what is accepted, and a secret is never repeated', () => {
    const wrong = { SUBGRAPH: 'elsewhere', ROUTER_SECRET: 'short secret', MAX_REPRESENTATIONS: '0' };
    const parse = () => parseEnv({ ...wrong, JWT_SECRET: SECRET });
    expect(parse).toThrow(EnvError);
    try {
      parse();
    } catch (error) {
      const { problems } = error as EnvError;
      expect(problems).toEqual([
        'SUBGRAPH is "elsewhere": use beside, alone or off.',
        'ROUTER_SECRET is not usable: use at least 32 characters of random text.',
        'MAX_REPRESENTATIONS is "0": use a whole number from 1 to 10000.',
      ]);
    }
  });
});
