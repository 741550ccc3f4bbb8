/** The settings that say what an access token must look like, and by which key it is verified. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Refuse, text, wholeNumber } from './env-values.ts';
import { mayHoldKeys } from './key-set-address.ts';

/** What an access token must look like, and the key that it must be signed with. */
export type JwtSettings = {
  key: JwtKey;
  algorithms: readonly string[];
  issuer: string | undefined;
  audience: string | undefined;
  tenantClaim: string;
  type: string | undefined;
  /** By how much our clock and the identity provider's may differ. */
  clockSkewSeconds: number;
};

export type JwtKey =
  | { source: 'jwks'; url: URL }
  | { source: 'public key'; publicKey: KeyObject }
  | { source: 'secret'; secret: Uint8Array }
  /** A generated ES256 key kept in this folder, for development only. */
  | { source: 'development'; directory: string };

export const jwtVariables = {
  JWT_JWKS_URL: text,
  JWT_PUBLIC_KEY: text,
  JWT_SECRET: text,
  JWT_ALGORITHMS: text,
  JWT_ISSUER: text,
  JWT_AUDIENCE: text,
  JWT_TENANT_CLAIM: z.string().default('tenant_id'),
  JWT_TYP: text,
  JWT_CLOCK_SKEW_SECONDS: wholeNumber(0, 300).default(30),
};

type Variables = z.output<z.ZodObject<typeof jwtVariables>>;

const SYMMETRIC = ['HS256', 'HS384', 'HS512'];
/** The two names of the one algorithm for such a key: that of RFC 8037, which RFC 9864 replaces by the second. */
const ED25519 = ['EdDSA', 'Ed25519'];
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', ...ED25519];
const CURVE_ALGORITHMS: Record<string, string[]> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/**
 * What the variables say of tokens. `directory` is where the development key is kept, which counts when no other is set.
 *
 * @returns `undefined` after `refuse` was told of each wrong setting.
 */
export function jwtSettings(
  variables: Variables,
  production: boolean,
  directory: string,
  refuse: Refuse,
): JwtSettings | undefined {
  const key = jwtKey(variables, production, directory, refuse);
  if (key === undefined) return undefined;
  const algorithms = jwtAlgorithms(variables, key, refuse);
  if (algorithms === undefined) return undefined;
  return {
    key,
    algorithms,
    issuer: variables.JWT_ISSUER,
    audience: variables.JWT_AUDIENCE,
    tenantClaim: variables.JWT_TENANT_CLAIM,
    type: variables.JWT_TYP,
    clockSkewSeconds: variables.JWT_CLOCK_SKEW_SECONDS,
  };
}

function jwtKey(variables: Variables, production: boolean, directory: string, refuse: Refuse): JwtKey | undefined {
  const { JWT_JWKS_URL: jwks, JWT_PUBLIC_KEY: pem, JWT_SECRET: secret } = variables;
  if ([jwks, pem, secret].filter((value) => value !== undefined).length > 1) {
    return refuse('JWT_JWKS_URL', 'set exactly one of JWT_JWKS_URL, JWT_PUBLIC_KEY and JWT_SECRET');
  }
  if (jwks !== undefined) {
    const url = URL.canParse(jwks) ? new URL(jwks) : undefined;
    if (url !== undefined && mayHoldKeys(url, production)) return { source: 'jwks', url };
    return refuse(
      'JWT_JWKS_URL',
      production
        ? 'use an https URL without a user, whose host is a name or a public address'
        : 'use an https or, in development only, an http URL without a user',
    );
  }
  if (pem !== undefined) {
    const publicKey = parsePublicKey(pem);
    if (publicKey !== undefined) return { source: 'public key', publicKey };
    return refuse(
      'JWT_PUBLIC_KEY',
      'use a PEM that starts with -----BEGIN PUBLIC KEY-----, RSA of 2048 bits or more, EC or Ed25519',
    );
  }
  if (secret !== undefined) {
    const bytes = new TextEncoder().encode(secret);
    if (bytes.length >= 32) return { source: 'secret', secret: bytes };
    return refuse('JWT_SECRET', 'use at least 32 bytes of random text');
  }
  if (production) return refuse('JWT_JWKS_URL', 'in production set one of JWT_JWKS_URL, JWT_PUBLIC_KEY and JWT_SECRET');
  return { source: 'development', directory };
}

/** The key in a PEM (line breaks may be written as `\n`); `undefined` for anything else, a private key above all. */
function parsePublicKey(pem: string): KeyObject | undefined {
  const unfolded = pem.replaceAll('\\n', '\n').trim();
  if (!unfolded.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    const key = createPublicKey(unfolded);
    return defaultAlgorithms(key).length === 0 ? undefined : key;
  } catch {
    return undefined;
  }
}

/** Empty for a key that is too short or of a kind that is not accepted. */
function defaultAlgorithms(key: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) return ['RS256'];
  if (key.asymmetricKeyType === 'ec') return CURVE_ALGORITHMS[namedCurve] ?? [];
  return key.asymmetricKeyType === 'ed25519' ? ED25519 : [];
}

/** A symmetric algorithm beside a public key would let anyone sign with that key, so the kind of key decides. */
function jwtAlgorithms(variables: Variables, key: JwtKey, refuse: Refuse): readonly string[] | undefined {
  if (variables.JWT_ALGORITHMS === undefined) {
    if (key.source === 'secret') return ['HS256'];
    if (key.source === 'public key') return defaultAlgorithms(key.publicKey);
    return key.source === 'jwks' ? ['RS256', 'ES256'] : ['ES256'];
  }
  const named = variables.JWT_ALGORITHMS.split(/[\s,]+/).filter(Boolean);
  const accepted = key.source === 'secret' ? SYMMETRIC : key.source === 'development' ? ['ES256'] : ASYMMETRIC;
  if (named.length > 0 && named.every((name) => accepted.includes(name))) return named;
  return refuse('JWT_ALGORITHMS', `with a ${key.source} key use some of ${accepted.join(', ')}, separated by spaces`);
}
