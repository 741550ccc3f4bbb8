/** The form of an access token: what is refused without a key, and in which words. */
import { decodeProtectedHeader } from 'jose';
import type { JwtSettings } from './env-jwt.ts';
import { UnauthenticatedError } from './errors.ts';

const MAX_TOKEN_LENGTH = 8_192;

/** Parameters by which a token offers its own key, or an address to fetch one from. */
const KEY_PARAMETERS = ['jwk', 'jku', 'x5c', 'x5u'];
const ACCESS_TOKEN_TYPES = ['application/jwt', 'application/at+jwt'];

/** The token in the value of the Authorization header. */
export function bearerToken(authorization: string | null): string {
  const form = '"Authorization: Bearer <token>"';
  if (!authorization) throw refuse(`The request has no access token: send one in the header ${form}.`);
  const token = /^Bearer ([^\s,]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw refuse(`The Authorization header is not one bearer token: send exactly ${form}.`);
  if (token.length > MAX_TOKEN_LENGTH) {
    throw refuse(`The token is longer than ${MAX_TOKEN_LENGTH} characters: ask for one with fewer claims.`);
  }
  return token;
}

/** Refuses all that can be refused before a key is looked for, so that such a token never causes a fetch. */
export function checkHeader(token: string, { algorithms, type }: JwtSettings): void {
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

/** The error for whatever is no JWT; it does not say where it went wrong, which only forgers need to know. */
export function malformed(): UnauthenticatedError {
  return refuse('The token is malformed: send a signed JWT exactly as the identity provider issued it.');
}

/** `sentence` says what is wrong and what to do, and repeats nothing of the token. */
export function refuse(sentence: string): UnauthenticatedError {
  return new UnauthenticatedError(sentence);
}
