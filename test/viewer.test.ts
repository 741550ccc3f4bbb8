import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signDevelopmentToken } from '../src/development-key.ts';
import { parseEnv } from '../src/env.ts';
import type { JwtSettings } from '../src/env-jwt.ts';
import { UnauthenticatedError } from '../src/errors.ts';
import { createAuthenticate } from '../src/viewer.ts';
import { ecKeys, ed25519Keys, forge, pem, signWith } from './forge.ts';
import { formsBeyondHttp } from './hostile-forms.ts';
import { expectRefused } from './refused.ts';
import {
  accept,
  authenticateWith,
  claiming,
  claims,
  es,
  good,
  heading,
  otherTenantId,
  rawClaims,
  rsa,
  seconds,
  settings,
  tenantId,
  withAudience,
  withIssuer,
} from './token-material.ts';

const rsaSpki = pem(rsa.publicKey);

describe('a token is refused in one sentence that repeats nothing of it', () => {
  it.each(formsBeyondHttp)('%s', async (_name, authorization, sentence, changes) => {
    await expectRefused(await authenticateWith(changes), authorization, sentence);
  });

  it('whatever JSON its claims hold', async () => {
    const authenticate = await authenticateWith();
    const names = fc.constantFrom('exp', 'nbf', 'iat', 'sub', 'tenant_id', 'scope', 'scp', 'type', 'iss', 'aud', 'jti');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), async (changes) => {
        // A refusal is the only other outcome than a viewer.
        await authenticate(`Bearer ${claiming(changes)}`).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UnauthenticatedError);
        });
      }),
    );
  });

  it('whatever JSON its header holds', async () => {
    const authenticate = await authenticateWith();
    const names = fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'cty', 'x5t', 'zip', '__proto__');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), async (changes) => {
        await authenticate(`Bearer ${heading(changes)}`).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UnauthenticatedError);
        });
      }),
    );
  });

  it('whichever of its characters is replaced', async () => {
    const authenticate = await authenticateWith();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        async (at, digit) => {
          fc.pre(good[at] !== digit);
          const changed = `Bearer ${good.slice(0, at)}${digit}${good.slice(at + 1)}`;
          await expect(authenticate(changed)).rejects.toBeInstanceOf(UnauthenticatedError);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a token is accepted', () => {
  it('and says who is asking', async () => {
    expect(await accept(good, { ...withIssuer, ...withAudience })).toEqual({
      tenantId,
      subject: 'ada@example.com',
      scopes: new Set(['read', 'write']),
      expiresAt: new Date((seconds + 3600) * 1000),
    });
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('when the scheme is spelled %s', async (scheme) => {
    const authenticate = await authenticateWith();
    expect(await authenticate(`${scheme} ${good}`)).toMatchObject({ tenantId });
  });

  it.each<[string, object, Partial<JwtSettings>?]>([
    ['JWT', { typ: 'JWT' }],
    ['jwt', { typ: 'jwt' }],
    ['AT+JWT', { typ: 'AT+JWT' }],
    ['application/at+jwt', { typ: 'application/at+jwt' }],
    ['APPLICATION/JWT', { typ: 'APPLICATION/JWT' }],
    ['no typ', { typ: undefined }],
    ['at+jwt where that is required', { typ: 'at+jwt' }, { type: 'at+jwt' }],
    ['application/at+jwt where at+jwt is required', { typ: 'application/at+jwt' }, { type: 'at+jwt' }],
    ['at+jwt where Application/AT+JWT is required', { typ: 'at+jwt' }, { type: 'Application/AT+JWT' }],
    ['another type that is required', { typ: 'vendor+jwt' }, { type: 'vendor+jwt' }],
    ['a kid and thumbprint that nobody asks for', { kid: '../../dev/null', x5t: 'abc' }],
  ])('with %s in its header', async (_name, changes, differently) => {
    expect(await accept(heading(changes), differently)).toMatchObject({ tenantId });
  });

  it.each<[string, object]>([
    ['exp 29 s ago, within the skew', { exp: seconds - 29 }],
    ['exp with a fraction', { exp: seconds + 0.5 }],
    ['exp 24 h and the skew ahead', { exp: seconds + 86_430 }],
    ['nbf 30 s ahead, within the skew', { nbf: seconds + 30 }],
    ['iat 30 s ahead, within the skew', { iat: seconds + 30 }],
    ['no iat', { iat: undefined }],
    ['an audience nobody checks', { aud: { strange: true } }],
    ['sub of 320 characters', { sub: 'x'.repeat(320) }],
    ['type access', { type: 'access' }],
    ['type an object that cannot become a text', { type: { toString: 1 } }],
  ])('with %s', async (_name, changes) => {
    expect(await accept(claiming(changes))).toMatchObject({ tenantId });
  });

  it('as late as the settings let clocks differ', async () => {
    const late = claiming({ exp: seconds - 1 });
    expect(await accept(late, { clockSkewSeconds: 2 })).toMatchObject({ tenantId });
    await expect(accept(late, { clockSkewSeconds: 0 })).rejects.toThrow('has expired');
  });

  it('when one of its audiences is ours', async () => {
    expect(await accept(claiming({ aud: ['other', 'carbon-gateway'] }), withAudience)).toMatchObject({ tenantId });
  });

  it('with a tenant in capitals, which becomes lower case', async () => {
    expect(await accept(claiming({ tenant_id: tenantId.toUpperCase() }))).toMatchObject({ tenantId });
  });

  it('with the tenant in the claim that the settings name', async () => {
    const claim = 'https://example.com/tenant';
    const token = claiming({ tenant_id: undefined, [claim]: otherTenantId });
    expect(await accept(token, { tenantClaim: claim })).toMatchObject({ tenantId: otherTenantId });
  });

  it.each([['tenant_id'], ['tenant\\u005fid']])(
    'and the last of two equal claims counts, as in JSON.parse, when it is spelled %s',
    async (name) => {
      const token = rawClaims(`"exp":${seconds + 3600},"${name}":"${otherTenantId}"`);
      expect(await accept(token)).toMatchObject({ tenantId: otherTenantId });
    },
  );

  it.each<[string, object, string[]]>([
    ['neither scope nor scp', {}, ['read', 'write']],
    ['a scope', { scope: 'read' }, ['read']],
    ['several scopes', { scope: 'admin read write' }, ['read', 'write', 'admin']],
    ['an empty scope', { scope: '' }, []],
    ['unknown scopes', { scope: 'openid profile Admin read:all' }, []],
    ['a known scope among unknown ones', { scope: 'openid  write read\nadmin' }, ['write']],
    ['scp as a text', { scp: 'read write' }, ['read', 'write']],
    ['scp as a list', { scp: ['read', 'admin'] }, ['read', 'admin']],
    ['scp as an empty list', { scp: [] }, []],
    ['scope and scp, which are joined', { scope: 'read', scp: ['write'] }, ['read', 'write']],
  ])('with %s', async (_name, changes, expected) => {
    expect((await accept(claiming(changes))).scopes).toEqual(new Set(expected));
  });
});

describe('each source of keys accepts its tokens', () => {
  const ed25519 = ed25519Keys();
  const [p384, p521] = [ecKeys('P-384'), ecKeys('P-521')];
  const secret = 'a secret of thirty-two bytes or more';

  it.each([
    ['an RSA key', { JWT_PUBLIC_KEY: rsaSpki }, forge({ alg: 'RS256' }, claims, signWith.rsa(rsa.privateKey))],
    [
      'an RSA key and PS256',
      { JWT_PUBLIC_KEY: rsaSpki, JWT_ALGORITHMS: 'RS256 PS256' },
      forge({ alg: 'PS256' }, claims, signWith.rsaPss(rsa.privateKey)),
    ],
    ['an EC key', { JWT_PUBLIC_KEY: pem(es.publicKey) }, good],
    [
      'an EC key on P-384',
      { JWT_PUBLIC_KEY: pem(p384.publicKey) },
      forge({ alg: 'ES384' }, claims, signWith.ecdsa(p384.privateKey, 384)),
    ],
    [
      'an EC key on P-521',
      { JWT_PUBLIC_KEY: pem(p521.publicKey) },
      forge({ alg: 'ES512' }, claims, signWith.ecdsa(p521.privateKey, 512)),
    ],
    [
      'an Ed25519 key',
      { JWT_PUBLIC_KEY: pem(ed25519.publicKey) },
      forge({ alg: 'EdDSA' }, claims, signWith.ed25519(ed25519.privateKey)),
    ],
    [
      'an Ed25519 key and the name of RFC 9864',
      { JWT_PUBLIC_KEY: pem(ed25519.publicKey) },
      forge({ alg: 'Ed25519' }, claims, signWith.ed25519(ed25519.privateKey)),
    ],
    [
      'a key whose line breaks are written as \\n',
      { JWT_PUBLIC_KEY: rsaSpki.replaceAll('\n', '\\n') },
      forge({ alg: 'RS256' }, claims, signWith.rsa(rsa.privateKey)),
    ],
    ['a secret', { JWT_SECRET: secret }, forge({ alg: 'HS256' }, claims, signWith.hmac(secret))],
  ])('%s', async (_name, variables, token) => {
    expect(await accept(token, parseEnv(variables).jwt)).toMatchObject({ tenantId });
  });

  it('the development key', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'viewer-'));
    const { jwt } = parseEnv({ EMBEDDED_PG_DIR: directory, JWT_AUDIENCE: 'carbon-gateway', JWT_TYP: 'at+jwt' });
    const token = await signDevelopmentToken(
      directory,
      { tenantId, subject: 'ada', scopes: ['admin'], ttlSeconds: 60 },
      jwt,
    );
    const viewer = await (await createAuthenticate(jwt))(`Bearer ${token}`);
    expect(viewer).toMatchObject({ tenantId, subject: 'ada', scopes: new Set(['admin']) });
  });
});

const expired = /^The token has expired: get/;
const notYet = /^The token is not valid yet: wait/;

describe('a verified token', () => {
  it('is refused once it has expired, though it is remembered', async () => {
    let time = seconds;
    const authenticate = await createAuthenticate(settings, { now: () => time * 1000 });
    const token = claiming({ exp: seconds + 5 });
    await authenticate(`Bearer ${token}`);
    time = seconds + 34;
    expect(await authenticate(`Bearer ${token}`)).toMatchObject({ tenantId });
    time = seconds + 35;
    await expectRefused(authenticate, `Bearer ${token}`, expired);
  });

  it('is not mistaken for another one, nor is a refused one remembered as accepted', async () => {
    let time = seconds;
    const authenticate = await createAuthenticate(settings, { now: () => time * 1000 });
    const later = claiming({ nbf: seconds + 60 });
    await expectRefused(authenticate, `Bearer ${later}`, notYet);
    await authenticate(`Bearer ${good}`);
    expect(await authenticate(`Bearer ${claiming({ tenant_id: otherTenantId })}`)).toMatchObject({
      tenantId: otherTenantId,
    });
    time = seconds + 60;
    expect(await authenticate(`Bearer ${later}`)).toMatchObject({ tenantId });
  });
});
