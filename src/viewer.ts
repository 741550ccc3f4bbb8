/** Turns the bearer token of a request into its `Viewer`, once, before anything else is done for it. */
import { createHash } from 'node:crypto';
import {
  decodeProtectedHeader,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  type KeyInput,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { loadDevelopmentKey } from './development-key.ts';
import type { JwtKey, JwtSettings } from './env.ts';
import { KeysUnavailableError, UnauthenticatedError } from './errors.ts';
import { createKeySet, type KeySetOptions } from './key-set.ts';

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

/** Seconds by which our clock and the identity provider's may differ. */
const SKEW = 30;
/** Seconds ahead that `exp` may lie. */
const MAX_LIFETIME = 86_400;
const MAX_TOKEN_LENGTH = 8_192;
/** Milliseconds for which a verified token is not verified again, and so a removed key lives on. */
const REMEMBER = 30_000;
const MAX_REMEMBERED = 5_000;

/** Parameters by which a token offers its own key, or an address to fetch one from. */
const KEY_PARAMETERS = ['jwk', 'jku', 'x5c', 'x5u'];
const ACCESS_TOKEN_TYPES = ['application/jwt', 'application/at+jwt'];

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
    const viewer = readViewer(await verifiedClaims(token, key, settings, now), settings.tenantClaim, now);
    remembered.set(hash, { viewer, until: Math.min(now() + REMEMBER, viewer.expiresAt.getTime() + SKEW * 1000) });
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

function bearerToken(authorization: string | null): string {
  const form = '"Authorization: Bearer <token>"';
  if (!authorization) throw refuse(`The request has no access token: send one in the header ${form}.`);
  const token = /^Bearer ([^\s,]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw refuse(`The Authorization header is not one bearer token: send exactly ${form}.`);
  if (token.length > MAX_TOKEN_LENGTH) {
    throw refuse(`The token is longer than ${MAX_TOKEN_LENGTH} characters: ask for one with fewer claims.`);
  }
  return token;
}

/** All that can be refused before a key is looked for, so that such a token never causes a fetch. */
function checkHeader(token: string, { algorithms, type }: JwtSettings): void {
  const parts = token.split('.');
  if (parts.length === 5) throw refuse('The token is encrypted: send one that is signed only.');
  if (parts.length !== 3 || !parts.every(isCanonicalBase64url)) throw malformed();
  const header = decodeHeader(token);
  if (KEY_PARAMETERS.some((name) => Object.hasOwn(header, name))) {
    throw refuse('The token brings its own key (jwk, jku, x5c or x5u): send one that names a known key by its kid.');
  }
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw refuse('The token needs an extension (crit or b64) that is not supported: send one without.');
  }
  if (typeof header.alg !== 'string' || !algorithms.includes(header.alg)) {
    throw refuse(`The token's algorithm is not accepted: send one signed with ${algorithms.join(' or ')}.`);
  }
  if (header.kid !== undefined && typeof header.kid !== 'string') throw malformed();
  if (!isAcceptedType(header.typ, type)) {
    const accepted = type ?? 'JWT, at+jwt or nothing';
    throw refuse(`The token is of the wrong type: send an access token whose header has ${accepted} as its typ.`);
  }
}

function isCanonicalBase64url(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

function decodeHeader(token: string): Record<string, unknown> {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw malformed();
  }
}

/** RFC 7515, section 4.1.9: case does not count, and `application/` may be left out. */
function isAcceptedType(found: unknown, required: string | undefined): boolean {
  if (found === undefined) return required === undefined;
  if (typeof found !== 'string') return false;
  const accepted = required === undefined ? ACCESS_TOKEN_TYPES : [mediaType(required)];
  return accepted.includes(mediaType(found));
}

function mediaType(type: string): string {
  return type.includes('/') ? type.toLowerCase() : `application/${type.toLowerCase()}`;
}

async function verifiedClaims(
  token: string,
  key: KeyInput | JWTVerifyGetKey,
  { algorithms, issuer, audience }: JwtSettings,
  now: () => number,
): Promise<JWTPayload> {
  const rules = { algorithms: [...algorithms], issuer, audience, clockTolerance: SKEW };
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

function readViewer(claims: JWTPayload, tenantClaim: string, now: () => number): Viewer {
  const { exp = Number.NaN, iat, nbf, sub } = claims;
  if (![exp, iat ?? 0, nbf ?? 0].every(Number.isFinite)) throw wrongTimes();
  const seconds = now() / 1000;
  if (exp > seconds + MAX_LIFETIME + SKEW)
    throw refuse('The token lives for over 24 hours: get one that expires sooner.');
  if (iat !== undefined && iat > seconds + SKEW) {
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

function malformed(): UnauthenticatedError {
  return refuse('The token is malformed: send a signed JWT exactly as the identity provider issued it.');
}

function wrongTimes(): UnauthenticatedError {
  return refuse('The token has unusable times: get one whose exp (required), iat and nbf are numbers of seconds.');
}

function refuse(sentence: string): UnauthenticatedError {
  return new UnauthenticatedError(sentence);
}
