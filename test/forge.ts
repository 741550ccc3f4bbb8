/** Tokens signed by hand, so that a test can write those that jose refuses to sign. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';

type Sign = (input: string) => Buffer;

/** Text and bytes stand for themselves: JSON that is broken, or that names a member twice. */
export function forge(header: object | string, claims: unknown, signature: Sign): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

function encode(part: unknown): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url');
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

export const signWith = {
  ecdsa:
    (key: KeyObject, bits = 256): Sign =>
    (input) =>
      sign(`sha${bits}`, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
  /** The encoding that X.509 uses, which a JWT may not. */
  ecdsaDer:
    (key: KeyObject): Sign =>
    (input) =>
      sign('sha256', Buffer.from(input), { key, dsaEncoding: 'der' }),
  rsa:
    (key: KeyObject): Sign =>
    (input) =>
      sign('sha256', Buffer.from(input), key),
  rsaPss:
    (key: KeyObject): Sign =>
    (input) =>
      sign('sha256', Buffer.from(input), { key, padding: 6, saltLength: 32 }),
  ed25519:
    (key: KeyObject): Sign =>
    (input) =>
      sign(null, Buffer.from(input), key),
  hmac:
    (secret: string | Buffer): Sign =>
    (input) =>
      createHmac('sha256', secret).update(input).digest(),
  bytes:
    (bytes: Buffer): Sign =>
    () =>
      bytes,
};

export const ecKeys = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
export const rsaKeys = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength });
export const ed25519Keys = () => generateKeyPairSync('ed25519');

export function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

export function jwk(key: KeyObject, members: JWK = {}): JWK {
  return { ...key.export({ format: 'jwk' }), ...members };
}
