/** Keys of an identity provider, as a gateway's callers see them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JwtSettings } from '../src/env-jwt.ts';
import type { FetchFailure } from '../src/key-set.ts';
import { type Authenticator, createAuthenticate } from '../src/viewer.ts';
import { useApi } from './api.ts';
import { ecKeys, forge, jwk, rsaKeys, signWith } from './forge.ts';
import { answers, type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { rawRequest } from './raw-request.ts';
import { expectUnauthenticated } from './refused.ts';

const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const start = Date.UTC(2030, 0, 1);
const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const signature = /^The token's signature was not made by an accepted key: get/;

const [es, nextEs, strangeEs] = [ecKeys(), ecKeys(), ecKeys()];
const [rsa, strangeRsa, shortRsa] = [rsaKeys(), rsaKeys(), rsaKeys(1024)];
const esJwk = jwk(es.publicKey, { kid: 'es', alg: 'ES256', use: 'sig' });
const nextJwk = jwk(nextEs.publicKey, { kid: 'next', alg: 'ES256', use: 'sig' });
const rsaJwk = jwk(rsa.publicKey, { kid: 'rsa', alg: 'RS256', use: 'sig' });

let time: number;
let provider: IdentityProvider;
let authenticate: Authenticator;
let failures: FetchFailure[];
/** The number of tokens so far, so that no two are equal and none is answered from memory. */
let count = 0;

const claims = (changes: object = {}) => {
  count += 1;
  const [iat, exp] = [Math.floor(time / 1000), Math.floor(time / 1000) + 3600];
  return { sub: 'ada@example.com', tenant_id: tenantId, iat, exp, jti: `token-${count}`, ...changes };
};
const esToken = (header: object = { kid: 'es' }, changes?: object) =>
  forge({ alg: 'ES256', ...header }, claims(changes), signWith.ecdsa(es.privateKey));
const nextToken = () => forge({ alg: 'ES256', kid: 'next' }, claims(), signWith.ecdsa(nextEs.privateKey));
const rsaToken = (header: object = { kid: 'rsa' }) =>
  forge({ alg: 'RS256', ...header }, claims(), signWith.rsa(rsa.privateKey));

const api = useApi({}, { authenticate: (authorization) => authenticate(authorization) });
const ask = (token: string | null) => {
  const headers = token === null ? [] : ['authorization', `Bearer ${token}`];
  return rawRequest(api.url, headers, { query: '{ viewer { tenantId } }' });
};
const expectAccepted = async (token: string) => {
  const body = JSON.stringify({ data: { viewer: { tenantId } } });
  expect(await ask(token)).toMatchObject({ status: 200, body });
};
const expectRefused = async (token: string | null, sentence: RegExp) =>
  expectUnauthenticated(await ask(token), token === null ? null : `Bearer ${token}`, sentence);
const expectUnknown = (token: string) => expectRefused(token, signature);
const expectNoKeys = async (token: string) => {
  const { status, headers, body } = await ask(token);
  expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '5' });
  const message = "The identity provider's keys are out of reach: send the request again in a few seconds.";
  const extensions = { code: 'SERVICE_UNAVAILABLE', requestId: headers['x-request-id'] };
  expect(JSON.parse(body)).toEqual({ errors: [{ message, extensions }] });
};

beforeEach(async () => {
  time = start;
  provider = await startIdentityProvider([esJwk, rsaJwk]);
  const settings: JwtSettings = {
    key: { source: 'jwks', url: provider.url },
    algorithms: ['RS256', 'ES256'],
    issuer: undefined,
    audience: undefined,
    tenantClaim: 'tenant_id',
    type: undefined,
    clockSkewSeconds: 30,
  };
  failures = [];
  authenticate = await createAuthenticate(settings, {
    now: () => time,
    onFetchFailure: (failure) => failures.push(failure),
  });
});
afterEach(() => provider.stop());

describe('a key of the identity provider', () => {
  it('is found by the kid, and all requests share one fetch', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, at) => expectAccepted(at % 2 ? esToken() : rsaToken())));
    expect(provider.fetches).toBe(1);
  });

  it('is found without a kid when one key alone fits the algorithm', async () => {
    await expectAccepted(esToken({}));
  });

  it('may be one of several that other tokens use', async () => {
    provider.keys = [esJwk, rsaJwk, nextJwk, { kty: 'oct', k: 'c2VjcmV0', kid: 'secret' }, { kty: 'unheard of' }];
    await expectAccepted(nextToken());
  });

  it.each<[string, () => string]>([
    [
      'another RSA key under the same kid',
      () => forge({ alg: 'RS256', kid: 'rsa' }, claims(), signWith.rsa(strangeRsa.privateKey)),
    ],
    [
      'another EC key under the same kid',
      () => forge({ alg: 'ES256', kid: 'es' }, claims(), signWith.ecdsa(strangeEs.privateKey)),
    ],
    ['the kid of the EC key with an RSA algorithm', () => rsaToken({ kid: 'es' })],
    ['the kid of the RSA key with an EC algorithm', () => esToken({ kid: 'rsa' })],
    ['a kid that is a path', () => esToken({ kid: '../../dev/null' })],
    ['a kid with a quote', () => esToken({ kid: "es' OR '1'='1" })],
    ['a kid that is an address', () => esToken({ kid: 'https://attacker.example/jwks' })],
    ['the kid __proto__', () => esToken({ kid: '__proto__' })],
    ['an empty kid', () => esToken({ kid: '' })],
    ['the right kid in capitals', () => esToken({ kid: 'ES' })],
  ])('is not found for %s', async (_name, token) => {
    await expectUnknown(token());
  });

  it('is not found without a kid when two keys fit', async () => {
    provider.keys = [esJwk, nextJwk];
    await expectUnknown(esToken({}));
    await expectAccepted(esToken());
  });

  it('is not found when two keys have the same kid', async () => {
    provider.keys = [esJwk, { ...nextJwk, kid: 'es' }];
    await expectUnknown(esToken());
  });

  it.each<[string, object]>([
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['for signing only', { key_ops: ['sign'] }],
    ['broken', { x: 'AAAA' }],
    ['private', es.privateKey.export({ format: 'jwk' })],
  ])('is not used when it is %s', async (_name, changes) => {
    provider.keys = [{ ...esJwk, ...changes }];
    await expectUnknown(esToken());
  });

  it('is not used when it is an RSA key of 1,024 bits', async () => {
    provider.keys = [jwk(shortRsa.publicKey, { kid: 'short' })];
    await expectUnknown(forge({ alg: 'RS256', kid: 'short' }, claims(), signWith.rsa(shortRsa.privateKey)));
  });

  it('is not used as a secret', async () => {
    provider.keys = [{ kty: 'oct', k: Buffer.from('a secret').toString('base64url'), kid: 'secret' }];
    const token = forge({ alg: 'HS256', kid: 'secret' }, claims(), signWith.hmac('a secret'));
    await expectRefused(token, /^The token's algorithm is not accepted: send/);
  });
});

describe('the address of the keys', () => {
  it('comes from the settings alone, whatever the token names', async () => {
    const attacker = await startIdentityProvider([jwk(strangeEs.publicKey, { kid: 'es' })]);
    const { href } = attacker.url;
    const sign = signWith.ecdsa(strangeEs.privateKey);
    for (const header of [{ jku: href }, { x5u: href }, { kid: href }, { kid: 'es', iss: href }]) {
      const token = forge({ alg: 'ES256', ...header }, claims({ iss: href, jku: href, jwks_uri: href }), sign);
      await expectRefused(token, /^The token/);
    }
    expect(attacker.fetches).toBe(0);
    await attacker.stop();
  });

  it('is not asked for a token that is refused by its header', async () => {
    const headers = [
      { alg: 'none' },
      { alg: 'HS256' },
      { jwk: esJwk },
      { jku: 'x' },
      { crit: ['x'] },
      { typ: 'x' },
      { kid: 1 },
    ];
    for (const header of headers) await expectRefused(esToken(header), /^The token/);
    await expectRefused('x.y.z', /^The token/);
    await expectRefused(null, /^The request/);
    expect(provider.fetches).toBe(0);
  });
});

describe('unknown key IDs', () => {
  it('cause one fetch per 30 s at most, however many arrive', async () => {
    await expectAccepted(esToken());
    const attack = (from: number) =>
      Promise.all(Array.from({ length: 300 }, (_, at) => expectUnknown(esToken({ kid: `random-${from + at}` }))));
    await attack(0);
    expect(provider.fetches).toBe(1);
    time += 29 * second;
    await attack(300);
    expect(provider.fetches).toBe(1);
    time += second;
    await attack(600);
    expect(provider.fetches).toBe(2);
  });

  it('cause no more fetches when these fail', async () => {
    await expectAccepted(esToken());
    provider.answer = answers.down;
    time += 30 * second;
    for (const kid of ['a', 'b', 'c']) await expectUnknown(esToken({ kid }));
    time += 29 * second;
    await expectUnknown(esToken({ kid: 'd' }));
    expect(provider.fetches).toBe(2);
    await expectAccepted(esToken());
  });

  it('are looked for again after the clock was set back', async () => {
    await expectAccepted(esToken());
    time -= hour;
    provider.keys = [nextJwk];
    await expectAccepted(nextToken());
  });

  it('share one fetch though the clock is set back meanwhile', async () => {
    let other: Promise<void> | undefined;
    provider.answer = (response) => {
      time -= 10 * second;
      other = expectAccepted(esToken());
      setImmediate(() => response.end(JSON.stringify({ keys: provider.keys })));
    };
    await expectAccepted(esToken());
    await other;
    expect(provider.fetches).toBe(1);
  });
});

describe('when keys are exchanged', () => {
  it('the new one works 30 s after the last fetch', async () => {
    await expectAccepted(esToken());
    provider.keys = [esJwk, nextJwk];
    await expectUnknown(nextToken());
    time += 30 * second;
    await expectAccepted(nextToken());
    await expectAccepted(esToken());
    expect(provider.fetches).toBe(2);
  });

  it('the old one is refused after the next fetch', async () => {
    await expectAccepted(esToken());
    provider.keys = [nextJwk];
    time += 30 * second;
    await expectAccepted(nextToken());
    await expectUnknown(esToken());
  });

  it('a token that the old one signed is remembered for 30 s at most', async () => {
    const token = esToken();
    await expectAccepted(token);
    provider.keys = [nextJwk];
    time += 29 * second;
    await expectAccepted(token);
    time += second;
    await expectAccepted(nextToken());
    await expectUnknown(token);
  });

  it('of 5,001 tokens the first is no longer remembered', async () => {
    await expectAccepted(esToken());
    time += second;
    const tokens = Array.from({ length: 5_000 }, () => esToken());
    for (const token of tokens) await authenticate(`Bearer ${token}`);
    provider.keys = [nextJwk];
    time += 29 * second;
    await expectAccepted(nextToken());
    const [oldest = '', nextOldest = ''] = tokens;
    await expectAccepted(nextOldest);
    await expectUnknown(oldest);
  });

  it('the old one is refused from the first request on after 10 idle minutes', async () => {
    await expectAccepted(esToken());
    provider.keys = [nextJwk];
    time += 10 * minute;
    await Promise.all(Array.from({ length: 20 }, () => expectUnknown(esToken())));
    await expectAccepted(nextToken());
    expect(provider.fetches).toBe(2);
  });

  it('keys of 5 minutes are fetched again, and no known key waits for that', async () => {
    await expectAccepted(esToken());
    provider.keys = [nextJwk];
    const held: (() => void)[] = [];
    provider.answer = (response) => {
      held.push(() => response.end(JSON.stringify({ keys: provider.keys })));
    };
    time += 5 * minute - 1;
    await expectAccepted(esToken());
    expect(provider.fetches).toBe(1);
    time += 1;
    await Promise.all(Array.from({ length: 20 }, () => expectAccepted(esToken())));
    await vi.waitFor(() => expect(held).toHaveLength(1), 10_000);
    await expectAccepted(esToken());
    for (const release of held) release();
    // An unknown key waits for the fetch that is under way.
    await expectAccepted(nextToken());
    await expectUnknown(esToken());
    expect(provider.fetches).toBe(2);
  });
});

describe('when the identity provider answers wrongly', () => {
  it.each<[string, reason: string, answer: IdentityProvider['answer']]>([
    ['not at all', 'UND_ERR_SOCKET', answers.down],
    ['with HTML', 'SyntaxError', answers.text('<!doctype html><title>Sign in</title>')],
    ['with nothing', 'SyntaxError', answers.text('')],
    ['with JSON that is no key set', 'ERR_JWKS_INVALID', answers.text('{"issuer":"https://issuer.example/"}')],
    ['with a list', 'ERR_JWKS_INVALID', answers.text('[]')],
    ['with null', 'ERR_JWKS_INVALID', answers.text('null')],
    ['with a key set of texts', 'ERR_JWKS_INVALID', answers.text('{"keys":["es"]}')],
    ['with an empty key set', 'The key set has no key.', answers.text('{"keys":[]}')],
    [
      'with over 1 MB',
      'The key set is over 1000000 bytes.',
      answers.text(JSON.stringify({ keys: [nextJwk], pad: 'x'.repeat(1_000_000) })),
    ],
    ['with 10 MB packed into 10 kB', 'The key set is over 1000000 bytes.', answers.packed('x'.repeat(10_000_000))],
    [
      'with an error, whatever its body',
      'The key set was answered with status 500.',
      answers.status(500, JSON.stringify({ keys: [nextJwk] })),
    ],
    ['with a status that has no key set', 'The key set was answered with status 204.', answers.status(204, '')],
  ])('%s, the keys stay as they were, and the log may say why', async (_name, reason, answer) => {
    await expectAccepted(esToken());
    provider.answer = answer;
    time += 30 * second;
    await expectUnknown(nextToken());
    expect(provider.fetches).toBe(2);
    await expectAccepted(esToken());
    expect(failures).toEqual([{ host: provider.url.host, reason, keysFetchedAt: new Date(start) }]);
  });

  it('with a redirect, nobody follows it', async () => {
    await expectAccepted(esToken());
    const attacker = await startIdentityProvider([nextJwk]);
    provider.answer = answers.redirectTo(attacker.url);
    time += 30 * second;
    await expectUnknown(nextToken());
    await expectAccepted(esToken());
    expect(attacker.fetches).toBe(0);
    expect(failures).toMatchObject([{ reason: 'The key set was answered with status 302.' }]);
    await attacker.stop();
  });

  it('from the start, tokens cannot be judged, and it is asked again after 5 s', async () => {
    provider.answer = answers.down;
    await Promise.all(Array.from({ length: 50 }, () => expectNoKeys(esToken())));
    time += 4 * second;
    await expectNoKeys(esToken({ kid: 'unknown' }));
    expect(provider.fetches).toBe(1);
    provider.answer = undefined;
    time += second;
    await expectAccepted(esToken());
    expect(provider.fetches).toBe(2);
  });

  it.each([
    ['nothing', answers.hang],
    ['half an answer', answers.hangInBody],
  ])('and sends %s for ever, 50 requests share the 2 s of one fetch', async (_name, answer) => {
    provider.answer = answer;
    await Promise.all(Array.from({ length: 50 }, () => expectNoKeys(esToken())));
    expect(provider.fetches).toBe(1);
    expect(failures).toMatchObject([{ reason: 'TimeoutError', keysFetchedAt: undefined }]);
  });

  it('known keys serve on until 24 h after the last good fetch, and come back with the provider', async () => {
    await expectAccepted(esToken());
    provider.answer = answers.down;
    for (const after of [hour, 12 * hour, 24 * hour - 1]) {
      time = start + after;
      await expectAccepted(esToken());
      await expectUnknown(esToken({ kid: 'unknown' }));
    }
    expect(failures).toHaveLength(3);
    time = start + 24 * hour + minute;
    await expectNoKeys(esToken());
    provider.answer = undefined;
    time += 5 * second;
    await expectAccepted(esToken());
  });

  it('from the start, the gateway is alive all the same', async () => {
    provider.answer = answers.down;
    await expectNoKeys(esToken());
    expect(await rawRequest(new URL('/livez', api.url).href, [])).toMatchObject({ status: 200 });
  });

  it('from the start, whoever asks for keys is told so, and once they have come it is not asked again', async () => {
    provider.answer = answers.down;
    expect(await Promise.all(Array.from({ length: 50 }, () => authenticate.hasKeys()))).not.toContain(true);
    expect(provider.fetches).toBe(1);
    provider.answer = undefined;
    time += 5 * second;
    expect(await authenticate.hasKeys()).toBe(true);
    provider.answer = answers.down;
    time += 48 * hour;
    expect(await authenticate.hasKeys()).toBe(true);
    expect(provider.fetches).toBe(2);
  });
});
