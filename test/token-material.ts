/** A clock that stands still, the good token of that moment, and how to make worse ones. */
import type { JwtSettings } from '../src/env-jwt.ts';
import { createAuthenticate } from '../src/viewer.ts';
import { ecKeys, forge, rsaKeys, signWith } from './forge.ts';

export const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
export const otherTenantId = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
export const seconds = Date.UTC(2030, 0, 1) / 1000;
export const now = () => seconds * 1000;

export const es = ecKeys();
export const otherEs = ecKeys();
export const rsa = rsaKeys();
export const otherRsa = rsaKeys();

export const header = { alg: 'ES256', typ: 'at+jwt' };
export const claims = {
  iss: 'https://issuer.example/',
  aud: 'carbon-gateway',
  sub: 'ada@example.com',
  tenant_id: tenantId,
  iat: seconds - 60,
  exp: seconds + 3600,
};
export const settings: JwtSettings = {
  key: { source: 'public key', publicKey: es.publicKey },
  algorithms: ['ES256'],
  issuer: undefined,
  audience: undefined,
  tenantClaim: 'tenant_id',
  type: undefined,
  clockSkewSeconds: 30,
};
export const withRsa: Partial<JwtSettings> = {
  key: { source: 'public key', publicKey: rsa.publicKey },
  algorithms: ['RS256'],
};
export const withIssuer: Partial<JwtSettings> = { issuer: 'https://issuer.example/' };
export const withAudience: Partial<JwtSettings> = { audience: 'carbon-gateway' };

export const signEs = signWith.ecdsa(es.privateKey);
export const good = forge(header, claims, signEs);
export const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');

/** A token that differs from the good one in these claims; `undefined` leaves a claim out. */
export const claiming = (changes: object) => forge(header, { ...claims, ...changes }, signEs);
/** The same for the header. */
export const heading = (changes: object) => forge({ ...header, ...changes }, claims, signEs);
/** The good claims without `exp`, followed by a piece of JSON that an object cannot hold. */
export const rawClaims = (member: string) =>
  forge(header, `${JSON.stringify({ ...claims, exp: undefined }).slice(0, -1)},${member}}`, signEs);

export function authenticateWith(changes: Partial<JwtSettings> = {}) {
  return createAuthenticate({ ...settings, ...changes }, { now });
}

export async function accept(token: string, changes: Partial<JwtSettings> = {}) {
  return (await authenticateWith(changes))(`Bearer ${token}`);
}

/** A value of the Authorization header that must be refused in this sentence. */
export type Refusal = [name: string, authorization: string | null, sentence: RegExp, settings?: Partial<JwtSettings>];
export const bearer = (name: string, token: string, sentence: RegExp, changes?: Partial<JwtSettings>): Refusal => [
  name,
  `Bearer ${token}`,
  sentence,
  changes,
];
