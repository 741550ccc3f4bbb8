/** Hostile tokens against a real gateway: every answer is a 401 and nothing has happened behind it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Authenticate } from '../src/viewer.ts';
import { createAuthenticate } from '../src/viewer.ts';
import { useApi } from './api.ts';
import { hostileClaims } from './hostile-claims.ts';
import { hostileForms } from './hostile-forms.ts';
import { hostileSignatures } from './hostile-signatures.ts';
import { rawRequest } from './raw-request.ts';
import { expectSilent, expectUnauthenticated } from './refused.ts';
import {
  authenticateWith,
  claiming,
  good,
  otherTenantId,
  rawClaims,
  seconds,
  settings,
  tenantId,
} from './token-material.ts';

let authenticate: Authenticate;
const api = useApi({}, { authenticate: (authorization) => authenticate(authorization) });
beforeEach(async () => {
  authenticate = await authenticateWith();
});

/** Needs the database, so that a token let through by mistake leaves a statement. */
const question = { query: '{ viewer { tenantId } companies(first: 1) { totalCount } }' };
const ask = (headers: readonly string[]) => rawRequest(api.url, headers, question);
const answered = (tenant: string) => ({
  status: 200,
  body: JSON.stringify({ data: { viewer: { tenantId: tenant }, companies: { totalCount: 0 } } }),
});

/** Requests by `fetch`, which the gateway alone uses here. */
let fetches = 0;
const countFetch = () => {
  fetches += 1;
};
beforeAll(() => subscribe('undici:request:create', countFetch));
afterAll(() => void unsubscribe('undici:request:create', countFetch));

describe('a request is refused with 401 before a statement or a fetch is made', () => {
  it('while one with a good token is answered, and asks the database', async () => {
    const statements = await api.statementsOf(async () => {
      expect(await ask(['authorization', `bearer ${good}`])).toMatchObject(answered(tenantId));
    });
    expect(statements.length).toBeGreaterThan(0);
    await fetch(api.url);
    expect(fetches).toBe(1);
  });

  it.each([...hostileForms, ...hostileSignatures, ...hostileClaims])(
    '%s',
    async (_, authorization, sentence, changes) => {
      authenticate = await authenticateWith(changes);
      const [fetchesBefore, linesBefore] = [fetches, api.log.length];
      const statements = await api.statementsOf(async () => {
        const answer = await ask(authorization === null ? [] : ['authorization', authorization]);
        expectUnauthenticated(answer, authorization, sentence);
      });
      expect(statements).toEqual([]);
      expect(fetches).toBe(fetchesBefore);
      const lines = api.log.slice(linesBefore);
      expect(lines).toMatchObject([{ status: 401, codes: ['UNAUTHENTICATED'] }]);
      expectSilent(JSON.stringify(lines), authorization);
    },
  );
});

describe('a token counts in one Authorization header alone', () => {
  const notBearer = /^The Authorization header is not one bearer token: send exactly/;
  const other = claiming({ tenant_id: otherTenantId });

  it.each([
    ['a good token and another', good, other],
    ['the same good token', good, good],
    ['a good token and none', good, ''],
  ])('not in two headers with %s', async (_, first, second) => {
    const answer = await ask(['authorization', `Bearer ${first}`, 'Authorization', `Bearer ${second}`]);
    expectUnauthenticated(answer, `Bearer ${first}`, notBearer);
  });

  it.each([
    ['a cookie', ['cookie', `token=${good}; access_token=${good}; authorization=Bearer ${good}`]],
    ['Proxy-Authorization', ['proxy-authorization', `Bearer ${good}`]],
    ['X-Forwarded-Authorization', ['x-forwarded-authorization', `Bearer ${good}`]],
    ['X-Access-Token', ['x-access-token', good]],
  ])('not in %s', async (_, headers) => {
    expectUnauthenticated(await ask(headers), null, /^The request has no access token: send one/);
  });

  it('not in the address, which logs keep, nor in the body', async () => {
    const address = `${api.url}?access_token=${good}&token=${good}&authorization=Bearer%20${good}`;
    const inAddress = await rawRequest(address, [], question);
    expectUnauthenticated(inAddress, null, /^The request has no access token: send one/);
    expect(inAddress.body + JSON.stringify(api.log)).not.toContain(good);
    const inBody = await rawRequest(api.url, [], { ...question, access_token: good, extensions: { token: good } });
    expectUnauthenticated(inBody, null, /^The request has no access token: send one/);
  });

  it('of 12 kB, which is refused as too long; a header of 40 kB is not read', async () => {
    const long = `Bearer ${claiming({ pad: 'x'.repeat(9_000) })}`;
    expect(long.length).toBeGreaterThan(12_000);
    expectUnauthenticated(await ask(['authorization', long]), long, /^The token is longer than 8192 characters: ask/);
    const statements = await api.statementsOf(async () => {
      expect((await ask(['authorization', `Bearer ${'x'.repeat(40_000)}`])).status).toBe(431);
    });
    expect(statements).toEqual([]);
    expect(await ask(['authorization', `Bearer ${good}`])).toMatchObject(answered(tenantId));
  });
});

describe('the tenant', () => {
  it.each(['x-tenant-id', 'x-tenant', 'tenant', 'tenant_id', 'tenant-id', 'x-hasura-tenant-id', 'x-forwarded-tenant'])(
    'comes from the token whatever the header %s says',
    async (name) => {
      const headers = ['authorization', `Bearer ${good}`, name, otherTenantId];
      expect(await ask(headers)).toMatchObject(answered(tenantId));
    },
  );

  it('is the last one that was signed, when a token names two', async () => {
    const token = rawClaims(`"exp":${seconds + 3600},"tenant_id":"${otherTenantId}"`);
    expect(await ask(['authorization', `Bearer ${token}`])).toMatchObject(answered(otherTenantId));
  });
});

describe('a token that expires', () => {
  it('while its request is under way does not stop that request, but the next one', async () => {
    let time = seconds;
    const verify = await createAuthenticate(settings, { now: () => time * 1000 });
    authenticate = async (authorization) => {
      const viewer = await verify(authorization);
      time += 2 * 3600;
      return viewer;
    };
    const authorization = `Bearer ${good}`;
    expect(await ask(['authorization', authorization])).toMatchObject(answered(tenantId));
    expectUnauthenticated(await ask(['authorization', authorization]), authorization, /^The token has expired: get/);
  });
});
