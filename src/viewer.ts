/** Turns the bearer token of a request into its `Viewer`, once, before anything else is done for it. */
import { createHash } from 'node:crypto';
import { type JWTPayload, type JWTVerifyGetKey, errors as joseErrors, jwtVerify, type KeyInput } from 'jose';
import { LRUCache } from 'lru-cache';
import { loadDevelopmentKey } from './development-key.ts';
import type { JwtKey, JwtSettings } from './env-jwt.ts';
import { KeysUnavailableError, type UnauthenticatedError } from './errors.ts';
import { createKeySet, type KeySetOptions } from './key-set.ts';
import { bearerToken, checkHeader, malformed, refuse } from './token-form.ts';

export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who the verified token says is asking. */
export type Viewer = {
  /** A UUID in lower case. */
  readonly tenantId: string;
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The token's `exp`; it is accepted for 30 s more. */
  readonly expiresAt: Date;
};

/** Takes the value of the Authorization header, `null` when there is none. */
export type Authenticate = (authorization: string | null) => Promise<Viewer>;

export type Authenticator = Authenticate & {
  /** Whether tokens could be judged since the start; an identity provider that has given no key yet is asked for them. */
  hasKeys(): Promise<boolean>;
};

/** Seconds ahead that `exp` may lie. */
const MAX_LIFETIME = 86_400;
/** Milliseconds for which a verified token is not verified again, and so a removed key lives on. */
const REMEMBER = 30_000;
const MAX_REMEMBERED = 5_000;

/**
 * Verifies access tokens as `settings` say. Loads the development key when that is the one to use; an identity
 * provider's keys are fetched with the first token, or when `hasKeys` asks for them.
 *
 * The header must be `Bearer` and one signed JWT (RFC 7519, RFC 8725). Where the JSON of a token names a member twice,
 * the last one counts, as for `JSON.parse`; base64url has one spelling only. A verified token is remembered for 30 s at
 * most, by its SHA-256; a failure never is.
 *
 * @throws UnauthenticatedError whose message says what is wrong and what to do, and repeats nothing of the token.
 * @throws KeysUnavailableError when the identity provider has not given its keys yet, or not for 24 h.
 */
export async function createAuthenticate(settings: JwtSettings, options: KeySetOptions = {}): Promise<Authenticator> {
  const { now = Date.now } = options;
  const { key, hasKeys } = await verificationKey(settings.key, options);
  const remembered = new LRUCache<string, { viewer: Viewer; until: number }>({ max: MAX_REMEMBERED });

  const authenticate: Authenticate = async (authorization) => {
    const token = bearerToken(authorization);
    const hash = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(hash);
    const left = known ? known.until - now() : 0;
    if (known && left > 0 && left <= REMEMBER) return known.viewer;

    checkHeader(token, settings);
    const viewer = readViewer(await verifiedClaims(token, key, settings, now), settings, now);
    const expired = viewer.expiresAt.getTime() + settings.clockSkewSeconds * 1000;
    remembered.set(hash, { viewer, until: Math.min(now() + REMEMBER, expired) });
    return viewer;
  };
  return Object.assign(authenticate, { hasKeys });
}

/**
 * The UUID in its canonical form (8-4-4-4-12 hexadecimal digits), in lower case; `undefined` for anything else, the nil
 * UUID too.
 */
export function parseTenantId(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return undefined;
  return /[1-9a-f]/i.test(value) ? value.toLowerCase() : undefined;
}

/** 1 to 320 characters (an e-mail address at its longest), of which PostgreSQL can store each. */
export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 320 && /^[^\p{Cc}\p{Cs}]+$/u.test(value);
}

type VerificationKey = { key: KeyInput | JWTVerifyGetKey } & Pick<Authenticator, 'hasKeys'>;

async function verificationKey(key: JwtKey, options: KeySetOptions): Promise<VerificationKey> {
  const hasKeys = async () => true;
  switch (key.source) {
    case 'jwks': {
      const { find, hasArrived } = createKeySet(key.url, options);
      return { key: find, hasKeys: hasArrived };
    }
    case 'public key':
      return { key: key.publicKey, hasKeys };
    case 'secret':
      return { key: key.secret, hasKeys };
    case 'development':
      return { key: (await loadDevelopmentKey(key.directory)).publicKey, hasKeys };
  }
}

async function verifiedClaims(
  token: string,
  key: KeyInput | JWTVerifyGetKey,
  { algorithms, issuer, audience, clockSkewSeconds: clockTolerance }: JwtSettings,
  now: () => number,
): Promise<JWTPayload> {
  const rules = { algorithms: [...algorithms], issuer, audience, clockTolerance };
  try {
    return (await jwtVerify(token, key, { ...rules, currentDate: new Date(now()) })).payload;
  } catch (error) {
    throw error instanceof KeysUnavailableError ? error : refusalOf(error);
  }
}

/** jose's errors carry the claims, so none is passed on, not even as a cause. */
function refusalOf(error: unknown): UnauthenticatedError {
  if (error instanceof joseErrors.JWTExpired) return refuse('The token has expired: get a new one and send that.');
  if (error instanceof joseErrors.JWTInvalid || error instanceof joseErrors.JWSInvalid) return malformed();
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return refuse('The token has the wrong issuer: get one from the provider of this API.');
    if (error.claim === 'aud') return refuse('The token has the wrong audience: get one that is meant for this API.');
    if (error.claim === 'nbf' && error.reason === 'check_failed') {
      return refuse('The token is not valid yet: wait for its nbf, or set the clock that issued it.');
    }
    return wrongTimes();
  }
  return refuse("The token's signature was not made by an accepted key: get a new token and send that.");
}

function readViewer(
  claims: JWTPayload,
  { tenantClaim, clockSkewSeconds: skew }: JwtSettings,
  now: () => number,
): Viewer {
  const { exp = Number.NaN, iat, nbf, sub } = claims;
  if (![exp, iat ?? 0, nbf ?? 0].every(Number.isFinite)) throw wrongTimes();
  const seconds = now() / 1000;
  if (exp > seconds + MAX_LIFETIME + skew)
    throw refuse('The token lives for over 24 hours: get one that expires sooner.');
  if (iat !== undefined && iat > seconds + skew) {
    throw refuse('The token was issued in the future: set the clock that issued it, and get a new one.');
  }
  if (typeof claims.type === 'string' && claims.type.toLowerCase() === 'refresh') {
    throw refuse('The token is a refresh token: exchange it for an access token and send that.');
  }
  if (!isSubject(sub)) throw refuse('The token has no usable sub: get one whose sub is a text of 1 to 320 characters.');
  return {
    tenantId: readTenantId(claims, tenantClaim),
    subject: sub,
    scopes: readScopes(claims),
    expiresAt: new Date(exp * 1000),
  };
}

function readTenantId(claims: JWTPayload, claim: string): string {
  if (!Object.hasOwn(claims, claim)) {
    throw refuse(`The token has no tenant: get one with the claim ${claim}, which holds the tenant's UUID.`);
  }
  const tenantId = parseTenantId(claims[claim]);
  if (tenantId !== undefined) return tenantId;
  throw refuse(`The token's tenant is not usable: get one whose claim ${claim} is a UUID, and not the nil UUID.`);
}

/** `scope` (RFC 8693) and `scp` (Microsoft, Okta) together; a token with neither may read and write. */
function readScopes({ scope, scp }: JWTPayload): ReadonlySet<Scope> {
  if (scope === undefined && scp === undefined) return new Set<Scope>(['read', 'write']);
  const lists = [scope, ...(Array.isArray(scp) ? scp : [scp])].filter((list) => list !== undefined);
  if (!lists.every((list) => typeof list === 'string')) {
    throw refuse('The token has unusable scopes: get one whose scope is a text, or whose scp is a text or texts.');
  }
  const words = new Set(lists.flatMap((list) => list.split(' ')));
  return new Set(SCOPES.filter((name) => words.has(name)));
}

function wrongTimes(): UnauthenticatedError {
  return refuse('The token has unusable times: get one whose exp (required), iat and nbf are numbers of seconds.');
}
