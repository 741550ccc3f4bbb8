import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signDevelopmentToken } from '../src/development-key.ts';
import { type JwtSettings, parseEnv } from '../src/env.ts';
import { UnauthenticatedError } from '../src/errors.ts';
import { createAuthenticate } from '../src/viewer.ts';
import { ecKeys, ed25519Keys, forge, jwk, pem, rsaKeys, signWith } from './forge.ts';
import { expectRefused } from './refused.ts';

const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const otherTenantId = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const seconds = Date.UTC(2030, 0, 1) / 1000;
const now = () => seconds * 1000;

const es = ecKeys();
const otherEs = ecKeys();
const rsa = rsaKeys();
const otherRsa = rsaKeys();

const header = { alg: 'ES256', typ: 'at+jwt' };
const claims = {
  iss: 'https://issuer.example/',
  aud: 'carbon-gateway',
  sub: 'ada@example.com',
  tenant_id: tenantId,
  iat: seconds - 60,
  exp: seconds + 3600,
};
const settings: JwtSettings = {
  key: { source: 'public key', publicKey: es.publicKey },
  algorithms: ['ES256'],
  issuer: undefined,
  audience: undefined,
  tenantClaim: 'tenant_id',
  type: undefined,
};
const withRsa: Partial<JwtSettings> = {
  key: { source: 'public key', publicKey: rsa.publicKey },
  algorithms: ['RS256'],
};
const withIssuer: Partial<JwtSettings> = { issuer: 'https://issuer.example/' };
const withAudience: Partial<JwtSettings> = { audience: 'carbon-gateway' };

const signEs = signWith.ecdsa(es.privateKey);
const good = forge(header, claims, signEs);
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');

/** A token that differs from the good one in these claims; `undefined` leaves a claim out. */
const claiming = (changes: object) => forge(header, { ...claims, ...changes }, signEs);
/** The same for the header. */
const heading = (changes: object) => forge({ ...header, ...changes }, claims, signEs);
/** The good claims without `exp`, followed by a piece of JSON that an object cannot hold. */
const rawClaims = (member: string) =>
  forge(header, `${JSON.stringify({ ...claims, exp: undefined }).slice(0, -1)},${member}}`, signEs);

function authenticateWith(changes: Partial<JwtSettings> = {}) {
  return createAuthenticate({ ...settings, ...changes }, { now });
}

async function accept(token: string, changes: Partial<JwtSettings> = {}) {
  return (await authenticateWith(changes))(`Bearer ${token}`);
}

const latin1 = (value: object) => Buffer.from(JSON.stringify(value), 'latin1');

/** The next digit of base64url, which differs in the last bit only: one that the bytes of a signature do not use. */
function withStrayBit(part: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + digits[digits.indexOf(part.slice(-1)) ^ 1];
}

/** A token whose payload ends in a digit with unused bits. */
const unalignedClaims =
  [0, 1, 2]
    .map((pad) => claiming({ pad: 'x'.repeat(pad) }))
    .find((token) => {
      return (token.split('.')[1] ?? '').length % 4 !== 0;
    }) ?? '';

const noToken = /^The request has no access token: send one/;
const notBearer = /^The Authorization header is not one bearer token: send exactly/;
const tooLong = /^The token is longer than 8192 characters: ask/;
const malformed = /^The token is malformed: send a signed JWT/;
const encrypted = /^The token is encrypted: send one that is signed/;
const ownKey = /^The token brings its own key \(jwk, jku, x5c or x5u\): send/;
const extension = /^The token needs an extension \(crit or b64\)/;
const algorithm = /^The token's algorithm is not accepted: send one signed with (ES256|RS256)( or HS256)?\.$/;
const signature = /^The token's signature was not made by an accepted key: get/;
const type = /^The token is of the wrong type: send an access token/;
const refreshToken = /^The token is a refresh token: exchange it/;
const issuer = /^The token has the wrong issuer: get/;
const audience = /^The token has the wrong audience: get/;
const expired = /^The token has expired: get/;
const notYet = /^The token is not valid yet: wait/;
const times = /^The token has unusable times: get/;
const tooFar = /^The token lives for over 24 hours: get/;
const future = /^The token was issued in the future: set/;
const subject = /^The token has no usable sub: get/;
const noTenant = /^The token has no tenant: get one with the claim tenant_id,/;
const tenant = /^The token's tenant is not usable: get one whose claim tenant_id is a UUID/;
const scopes = /^The token has unusable scopes: get/;

type Refusal = [name: string, authorization: string | null, sentence: RegExp, settings?: Partial<JwtSettings>];
const bearer = (name: string, token: string, sentence: RegExp, changes?: Partial<JwtSettings>): Refusal => [
  name,
  `Bearer ${token}`,
  sentence,
  changes,
];

const rsaSpki = pem(rsa.publicKey);
const hmacOfRsa = (secret: string | Buffer) => forge({ alg: 'HS256', typ: 'JWT' }, claims, signWith.hmac(secret));
const rsaModulus = Buffer.from(jwk(rsa.publicKey).n ?? '', 'base64url');
const withHmacBesideRsa: Partial<JwtSettings> = { ...withRsa, algorithms: ['RS256', 'HS256'] };

const refusals: Refusal[] = [
  // J26: the header
  ['no header', null, noToken],
  ['an empty header', '', noToken],
  ['Basic credentials', 'Basic YWRhOnNlY3JldC1wYXNzd29yZA==', notBearer],
  ['the scheme alone', 'Bearer', notBearer],
  ['the scheme and a space', 'Bearer ', notBearer],
  ['the token alone', good, notBearer],
  ['no space after the scheme', `Bearer${good}`, notBearer],
  ['two spaces after the scheme', `Bearer  ${good}`, notBearer],
  ['a tab after the scheme', `Bearer\t${good}`, notBearer],
  ['something before the scheme', ` Bearer ${good}`, notBearer],
  ['another scheme that ends in bearer', `NotBearer ${good}`, notBearer],
  ['two tokens', `Bearer ${good} ${good}`, notBearer],
  ['a duplicate header, joined by a comma and a space', `Bearer ${good}, Bearer ${good}`, notBearer],
  ['a duplicate header, joined by a comma', `Bearer ${good},Bearer ${good}`, notBearer],
  ['a token and a parameter', `Bearer ${good}, realm="x"`, notBearer],
  ['a line break after the token', `Bearer ${good}\n`, notBearer],
  bearer('a token of 12 kB', claiming({ pad: 'x'.repeat(9_000) }), tooLong),

  // J16: what is no JWT
  bearer('garbage', 'garbage-that-is-no-token', malformed),
  bearer('two dots', '..', malformed),
  bearer('two parts', `${goodHeader}.${goodPayload}`, malformed),
  bearer('four parts', `${good}.${goodSignature}`, malformed),
  bearer(
    'an encrypted token',
    `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..YWFh.YWFh.YWFh`,
    encrypted,
  ),
  bearer('a header that is not JSON', forge('header', claims, signEs), malformed),
  bearer('a header that is an array', forge([header], claims, signEs), malformed),
  bearer('a header that is null', forge('null', claims, signEs), malformed),
  bearer('a header that is not UTF-8', forge(latin1({ ...header, x: 'é' }), claims, signEs), malformed),
  bearer('a payload that is not UTF-8', forge(header, latin1({ ...claims, x: 'é' }), signEs), malformed),
  bearer('a payload that is not JSON', forge(header, 'payload', signEs), malformed),
  bearer('a payload that is an array', forge(header, [claims], signEs), malformed),
  bearer('a payload that is null', forge(header, 'null', signEs), malformed),
  bearer('a payload that is a text', forge(header, '"text"', signEs), malformed),
  bearer('an empty payload', `${goodHeader}..${goodSignature}`, malformed),

  // J29: base64url in another spelling
  bearer('padding', `${good}=`, malformed),
  bearer('padding after the payload', `${goodHeader}.${goodPayload}==.${goodSignature}`, malformed),
  bearer('a trailing dot', `${good}.`, malformed),
  bearer(
    'stray bits at the end of the signature',
    `${goodHeader}.${goodPayload}.${withStrayBit(goodSignature)}`,
    malformed,
  ),
  bearer(
    'stray bits at the end of the payload',
    unalignedClaims
      .split('.')
      .map((part, at) => (at === 1 ? withStrayBit(part) : part))
      .join('.'),
    malformed,
  ),
  bearer('digits of plain base64', `${goodHeader}.${goodPayload}.${'+/'.repeat(43)}`, malformed),
  bearer('a null byte', `${good}\0`, malformed),
  ['a space within the signature', `Bearer ${good.slice(0, -4)} ${good.slice(-4)}`, notBearer],
  ['a line break within the signature', `Bearer ${good.slice(0, -4)}\n${good.slice(-4)}`, notBearer],

  // J1, J2, J3, J4, J14: algorithm and signature
  bearer(
    'alg none without a signature',
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${goodPayload}.`,
    malformed,
  ),
  bearer('alg none with the signature kept', heading({ alg: 'none' }), algorithm),
  bearer('alg None', heading({ alg: 'None' }), algorithm),
  bearer('alg nOnE', heading({ alg: 'nOnE' }), algorithm),
  bearer('no alg', heading({ alg: undefined }), algorithm),
  bearer('alg null', heading({ alg: null }), algorithm),
  bearer('alg an array', heading({ alg: ['ES256'] }), algorithm),
  bearer('alg in lower case', heading({ alg: 'es256' }), algorithm),
  bearer('alg with a space', heading({ alg: 'ES256 ' }), algorithm),
  bearer('alg of another curve', heading({ alg: 'ES384' }), algorithm),
  bearer('alg that is listed for another kind of key', heading({ alg: 'ES256' }), signature, {
    ...withRsa,
    algorithms: ['RS256', 'ES256'],
  }),
  bearer('no signature', `${goodHeader}.${goodPayload}.`, malformed),
  bearer('a signature of zeros', `${goodHeader}.${goodPayload}.${Buffer.alloc(64).toString('base64url')}`, signature),
  bearer(
    'a truncated signature',
    `${goodHeader}.${goodPayload}.${Buffer.from(goodSignature, 'base64url').subarray(0, 32).toString('base64url')}`,
    signature,
  ),
  bearer(
    'a signature with a byte more',
    forge(header, claims, (input) => Buffer.concat([signEs(input), Buffer.alloc(1)])),
    signature,
  ),
  bearer('a signature in DER', forge(header, claims, signWith.ecdsaDer(es.privateKey)), signature),
  bearer(
    'the signature of another token',
    `${goodHeader}.${goodPayload}.${claiming({ sub: 'x' }).split('.')[2]}`,
    signature,
  ),
  bearer('another EC key', forge(header, claims, signWith.ecdsa(otherEs.privateKey)), signature),
  bearer('another RSA key', forge({ alg: 'RS256' }, claims, signWith.rsa(otherRsa.privateKey)), signature, withRsa),
  bearer(
    'PS256 outside the list',
    forge({ alg: 'PS256' }, claims, signWith.rsaPss(rsa.privateKey)),
    algorithm,
    withRsa,
  ),
  bearer('PS256 called RS256', forge({ alg: 'RS256' }, claims, signWith.rsaPss(rsa.privateKey)), signature, withRsa),
  bearer('HS256 with the PEM of the RSA key', hmacOfRsa(rsaSpki), algorithm, withRsa),
  bearer('HS256 with the trimmed PEM', hmacOfRsa(rsaSpki.trim()), algorithm, withRsa),
  bearer('HS256 with the JWK', hmacOfRsa(JSON.stringify(jwk(rsa.publicKey))), algorithm, withRsa),
  bearer('HS256 with the modulus', hmacOfRsa(rsaModulus), algorithm, withRsa),
  bearer('HS256 with an empty key', hmacOfRsa(''), algorithm, withRsa),
  bearer('HS256 with the PEM, were it listed beside RS256', hmacOfRsa(rsaSpki), signature, withHmacBesideRsa),
  bearer('HS256 with an empty key, were it listed beside RS256', hmacOfRsa(''), signature, withHmacBesideRsa),
  bearer(
    'HS256 with another secret',
    forge({ alg: 'HS256' }, claims, signWith.hmac('another secret of 32 bytes or more')),
    signature,
    {
      key: { source: 'secret', secret: Buffer.from('a secret of thirty-two bytes or more') },
      algorithms: ['HS256'],
    },
  ),

  // J17: the payload of another token
  bearer(
    'the payload swapped to another tenant',
    `${goodHeader}.${claiming({ tenant_id: otherTenantId }).split('.')[1]}.${goodSignature}`,
    signature,
  ),

  // J5–J8, J15: what a header must not bring
  bearer(
    'an embedded key',
    forge({ ...header, jwk: jwk(otherEs.publicKey) }, claims, signWith.ecdsa(otherEs.privateKey)),
    ownKey,
  ),
  bearer('an embedded key, even the right one', heading({ jwk: jwk(es.publicKey) }), ownKey),
  bearer('jku', heading({ jku: 'https://attacker.example/jwks' }), ownKey),
  bearer('x5u', heading({ x5u: 'https://attacker.example/certificate' }), ownKey),
  bearer('x5c', heading({ x5c: ['MIIBszCCARwCCQ'] }), ownKey),
  bearer('jwk null', heading({ jwk: null }), ownKey),
  bearer(
    'an unknown crit',
    heading({ crit: ['https://extension.example'], 'https://extension.example': true }),
    extension,
  ),
  bearer('an empty crit', heading({ crit: [] }), extension),
  bearer('b64 false', forge({ ...header, b64: false, crit: ['b64'] }, claims, signEs), extension),
  bearer('b64 false without crit', heading({ b64: false }), extension),
  bearer('a kid that is a number', heading({ kid: 7 }), malformed),
  bearer('a kid that is an object', heading({ kid: { toString: 'kid' } }), malformed),
  bearer('a kid that is null', heading({ kid: null }), malformed),

  // J24: types
  bearer('a security event', heading({ typ: 'secevent+jwt' }), type),
  bearer('a DPoP proof', heading({ typ: 'dpop+jwt' }), type),
  bearer('a logout token', heading({ typ: 'application/logout+jwt' }), type),
  bearer('typ an empty text', heading({ typ: '' }), type),
  bearer('typ a number', heading({ typ: 1 }), type),
  bearer('typ null', heading({ typ: null }), type),
  bearer('typ of another media type', heading({ typ: 'text/jwt' }), type),
  bearer('an ID token where at+jwt is required', heading({ typ: 'JWT' }), type, { type: 'at+jwt' }),
  bearer('no typ where at+jwt is required', heading({ typ: undefined }), type, { type: 'at+jwt' }),
  bearer('at+jwt where another type is required', heading({ typ: 'at+jwt' }), type, { type: 'JWT' }),
  bearer('a refresh token', claiming({ type: 'refresh' }), refreshToken),
  bearer('a refresh token in capitals', claiming({ type: 'REFRESH' }), refreshToken),

  // J18, J19: issuer and audience
  bearer('another issuer', claiming({ iss: 'https://attacker.example/' }), issuer, withIssuer),
  bearer('an issuer that begins alike', claiming({ iss: 'https://issuer.example/evil' }), issuer, withIssuer),
  bearer('an issuer without its last slash', claiming({ iss: 'https://issuer.example' }), issuer, withIssuer),
  bearer('no issuer', claiming({ iss: undefined }), issuer, withIssuer),
  bearer('a list of issuers', claiming({ iss: ['https://issuer.example/'] }), issuer, withIssuer),
  bearer('another audience', claiming({ aud: 'billing-gateway' }), audience, withAudience),
  bearer('no audience', claiming({ aud: undefined }), audience, withAudience),
  bearer('an audience in another case', claiming({ aud: 'Carbon-Gateway' }), audience, withAudience),
  bearer('an audience that begins alike', claiming({ aud: 'carbon-gateway-admin' }), audience, withAudience),
  bearer('other audiences', claiming({ aud: ['billing-gateway', 'other'] }), audience, withAudience),
  bearer('an audience that is an object', claiming({ aud: { 'carbon-gateway': true } }), audience, withAudience),

  // J20, J21, J22: times
  bearer('expired, 30 s of skew included', claiming({ exp: seconds - 30 }), expired),
  bearer('expired in 1969', claiming({ exp: -1 }), expired),
  bearer('expiring at the beginning of time', claiming({ exp: 0 }), expired),
  bearer('no exp', claiming({ exp: undefined }), times),
  bearer('exp a text', claiming({ exp: String(seconds + 3600) }), times),
  bearer('exp null', claiming({ exp: null }), times),
  bearer('exp an array', claiming({ exp: [seconds + 3600] }), times),
  bearer('exp true', claiming({ exp: true }), times),
  bearer('exp 1e308', claiming({ exp: 1e308 }), tooFar),
  bearer('exp infinite', rawClaims('"exp":1e999'), times),
  bearer('exp in milliseconds', claiming({ exp: (seconds + 3600) * 1000 }), tooFar),
  bearer('exp over 24 h and the skew ahead', claiming({ exp: seconds + 86_431 }), tooFar),
  bearer('nbf ahead', claiming({ nbf: seconds + 3600 }), notYet),
  bearer('nbf just over the skew ahead', claiming({ nbf: seconds + 31 }), notYet),
  bearer('nbf a text', claiming({ nbf: '0' }), times),
  bearer('nbf null', claiming({ nbf: null }), times),
  bearer('nbf infinitely long ago', rawClaims(`"exp":${seconds + 3600},"nbf":-1e999`), times),
  bearer('iat 1 h ahead', claiming({ iat: seconds + 3600 }), future),
  bearer('iat just over the skew ahead', claiming({ iat: seconds + 31 }), future),
  bearer('iat a text', claiming({ iat: '0' }), times),
  bearer('iat null', claiming({ iat: null }), times),
  bearer('iat infinitely long ago', rawClaims(`"exp":${seconds + 3600},"iat":-1e999`), times),

  // J23: the subject
  bearer('no sub', claiming({ sub: undefined }), subject),
  bearer('sub null', claiming({ sub: null }), subject),
  bearer('sub an empty text', claiming({ sub: '' }), subject),
  bearer('sub a number', claiming({ sub: 12345678 }), subject),
  bearer('sub an array', claiming({ sub: ['ada@example.com'] }), subject),
  bearer('sub of 321 characters', claiming({ sub: 'x'.repeat(321) }), subject),
  bearer('sub with NUL, which PostgreSQL cannot store', claiming({ sub: 'ada\0admin' }), subject),
  bearer('sub with half a surrogate pair', rawClaims(`"exp":${seconds + 3600},"sub":"ada\\ud800"`), subject),

  // J25: the tenant
  bearer('no tenant', claiming({ tenant_id: undefined }), noTenant),
  bearer('no tenant, but one that is inherited', claiming({ tenant_id: undefined }), /the claim toString,/, {
    tenantClaim: 'toString',
  }),
  bearer(
    'a tenant in the prototype',
    rawClaims(`"exp":${seconds + 3600},"tenant_id":null,"__proto__":{"tenant_id":"${tenantId}"}`),
    tenant,
  ),
  bearer('a tenant in another claim than the settings name', good, /the claim org,/, { tenantClaim: 'org' }),
  bearer('tenant null', claiming({ tenant_id: null }), tenant),
  bearer('tenant a list', claiming({ tenant_id: [tenantId] }), tenant),
  bearer('tenant an object', claiming({ tenant_id: { id: tenantId } }), tenant),
  bearer('tenant a number', claiming({ tenant_id: 12345678 }), tenant),
  bearer('tenant true', claiming({ tenant_id: true }), tenant),
  bearer('tenant an empty text', claiming({ tenant_id: '' }), tenant),
  bearer('tenant a word', claiming({ tenant_id: 'everyone' }), tenant),
  bearer('tenant the nil UUID', claiming({ tenant_id: '00000000-0000-0000-0000-000000000000' }), tenant),
  bearer('tenant with NUL', claiming({ tenant_id: `${tenantId}\0` }), tenant),
  bearer('tenant with a line break', claiming({ tenant_id: `${tenantId}\n` }), tenant),
  bearer('tenant after a line break', claiming({ tenant_id: `x\n${tenantId}` }), tenant),
  bearer('tenant with spaces', claiming({ tenant_id: ` ${tenantId} ` }), tenant),
  bearer('tenant with SQL', claiming({ tenant_id: `${tenantId}' OR '1'='1` }), tenant),
  bearer('tenant without hyphens', claiming({ tenant_id: tenantId.replaceAll('-', '') }), tenant),
  bearer('tenant in braces', claiming({ tenant_id: `{${tenantId}}` }), tenant),
  bearer('tenant as a URN', claiming({ tenant_id: `urn:uuid:${tenantId}` }), tenant),
  bearer('tenant with a digit of another script', claiming({ tenant_id: `３${tenantId.slice(1)}` }), tenant),
  bearer('two tenants', claiming({ tenant_id: `${tenantId},${otherTenantId}` }), tenant),

  // Scopes
  bearer('scope a list', claiming({ scope: ['read'] }), scopes),
  bearer('scope null', claiming({ scope: null }), scopes),
  bearer('scope an object', claiming({ scope: { admin: true } }), scopes),
  bearer('scope a number', claiming({ scope: 7 }), scopes),
  bearer('scp null', claiming({ scp: null }), scopes),
  bearer('scp a list with a number', claiming({ scp: ['read', 7] }), scopes),
  bearer('scp a list in a list', claiming({ scp: [['admin']] }), scopes),
  bearer('scp false', claiming({ scp: false }), scopes),
  bearer('a usable scope beside an unusable scp', claiming({ scope: 'read', scp: null }), scopes),
];

describe('a token is refused in one sentence that repeats nothing of it', () => {
  it.each(refusals)('%s', async (_name, authorization, sentence, changes) => {
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

  it('and the last of two equal claims counts, as in JSON.parse', async () => {
    const token = rawClaims(`"exp":${seconds + 3600},"tenant_id":"${otherTenantId}"`);
    expect(await accept(token)).toMatchObject({ tenantId: otherTenantId });
  });

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
