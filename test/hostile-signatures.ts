/** Tokens whose algorithm, signature or header is not to be trusted. */
import type { JwtSettings } from '../src/env-jwt.ts';
import { forge, jwk, pem, signWith } from './forge.ts';
import {
  bearer,
  claiming,
  claims,
  es,
  goodHeader,
  goodPayload,
  goodSignature,
  header,
  heading,
  otherEs,
  otherRsa,
  otherTenantId,
  type Refusal,
  rsa,
  signEs,
  withRsa,
} from './token-material.ts';

const malformed = /^The token is malformed: send a signed JWT/;
const ownKey = /^The token brings its own key \(jwk, jku, x5c or x5u\): send/;
const extension = /^The token needs an extension \(crit or b64\)/;
const algorithm = /^The token's algorithm is not accepted: send one signed with (ES256|RS256)( or HS256)?\.$/;
const signature = /^The token's signature was not made by an accepted key: get/;
const type = /^The token is of the wrong type: send an access token/;
const refreshToken = /^The token is a refresh token: exchange it/;

const rsaSpki = pem(rsa.publicKey);
const hmacOfRsa = (secret: string | Buffer) => forge({ alg: 'HS256', typ: 'JWT' }, claims, signWith.hmac(secret));
const rsaModulus = Buffer.from(jwk(rsa.publicKey).n ?? '', 'base64url');
const withHmacBesideRsa: Partial<JwtSettings> = { ...withRsa, algorithms: ['RS256', 'HS256'] };

export const hostileSignatures: Refusal[] = [
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

  bearer(
    'a second tenant that was added after signing',
    `${goodHeader}.${Buffer.from(`${JSON.stringify(claims).slice(0, -1)},"tenant_id":"${otherTenantId}"}`).toString('base64url')}.${goodSignature}`,
    signature,
  ),
  bearer('a second alg none', forge('{"alg":"ES256","alg":"none"}', claims, signEs), algorithm),

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
];
