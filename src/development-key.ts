/** The key that stands in for an identity provider in development, and the tokens that it signs. */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { JwtSettings } from './env-jwt.ts';

export type DevelopmentKey = { privateKey: KeyObject; publicKey: KeyObject; keyId: string };

export type DevelopmentToken = {
  /** A UUID. */
  tenantId: string;
  subject: string;
  /** `undefined` leaves the claim out; an empty list states that nothing may be done. */
  scopes?: readonly string[] | undefined;
  ttlSeconds: number;
};

/** What of the settings a token must agree with. */
export type DevelopmentClaims = Pick<JwtSettings, 'tenantClaim'> &
  Partial<Pick<JwtSettings, 'issuer' | 'audience' | 'type'>>;

/** The file of the development key is there, but is no ES256 key. */
export class DevelopmentKeyError extends Error {
  override readonly name = 'DevelopmentKeyError';
}

const FILE = 'development-key.json';

/**
 * The ES256 key in `directory`, generated on first use. Processes that start at the same moment agree on one key, and
 * none reads a half-written file. Only the owner may read the file.
 *
 * @throws DevelopmentKeyError when the file holds anything else; it is never overwritten.
 */
export async function loadDevelopmentKey(directory: string): Promise<DevelopmentKey> {
  const file = path.join(directory, FILE);
  const text = (await readIfThere(file)) ?? (await createKeyFile(directory, file));
  try {
    return await parseKey(text);
  } catch {
    throw new DevelopmentKeyError(`${file} does not hold an ES256 key: delete it, and the next start generates one.`);
  }
}

/**
 * A signed access token that `createAuthenticate` accepts when its key is the development key in `directory`; generates
 * that key when there is none. Does not check the tenant, subject or scopes, so that tests can sign wrong ones.
 */
export async function signDevelopmentToken(
  directory: string,
  { tenantId, subject, scopes, ttlSeconds }: DevelopmentToken,
  { tenantClaim, issuer, audience, type }: DevelopmentClaims = { tenantClaim: 'tenant_id' },
): Promise<string> {
  const { privateKey, keyId } = await loadDevelopmentKey(directory);
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = { type: 'access', sub: subject, [tenantClaim]: tenantId };
  if (scopes !== undefined) claims.scope = scopes.join(' ');
  if (issuer !== undefined) claims.iss = issuer;
  if (audience !== undefined) claims.aud = audience;
  return new SignJWT({ ...claims, iat: issuedAt, exp: issuedAt + ttlSeconds })
    .setProtectedHeader({ alg: 'ES256', typ: type ?? 'at+jwt', kid: keyId })
    .sign(privateKey);
}

/** Writes a new key beside its place and links it there, which fails when another process was first: read theirs. */
async function createKeyFile(directory: string, file: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const text = `${JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }, null, 2)}\n`;
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await link(draft, file);
    return text;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return await readFile(file, 'utf8');
  } finally {
    await rm(draft, { force: true });
  }
}

async function parseKey(text: string): Promise<DevelopmentKey> {
  const privateKey = createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
  const publicKey = createPublicKey(privateKey);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not on the curve P-256');
  // Node takes a JWK whose two halves belong to different keys; its tokens would be refused without a hint why.
  const probe = Buffer.from('probe');
  if (!verify('sha256', probe, publicKey, sign('sha256', probe, privateKey))) throw new TypeError('halves differ');
  return { privateKey, publicKey, keyId: await calculateJwkThumbprint(await exportJWK(publicKey)) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
