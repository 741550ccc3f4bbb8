/** What every refusal has in common: the error's class or the whole answer, one sentence, and silence about the token. */
import { expect } from 'vitest';
import { UnauthenticatedError } from '../src/errors.ts';
import type { Authenticate } from '../src/viewer.ts';
import type { RawAnswer } from './raw-request.ts';

/** 401 with the challenge of RFC 6750 and one error; nothing else, no data above all. */
export function expectUnauthenticated(answer: RawAnswer, authorization: string | null, sentence: RegExp): void {
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe(
    authorization === null ? 'Bearer realm="carbon-gateway"' : 'Bearer realm="carbon-gateway", error="invalid_token"',
  );
  expect(JSON.parse(answer.body)).toEqual({
    errors: [
      {
        message: expect.stringMatching(sentence),
        extensions: { code: 'UNAUTHENTICATED', requestId: answer.headers['x-request-id'] },
      },
    ],
  });
  expectSilent(answer.body, authorization);
}

/** Nothing of the credentials is in `text`. */
export function expectSilent(text: string, authorization: string | null): void {
  expect(secretsOf(authorization ?? '').filter((secret) => text.includes(secret))).toEqual([]);
}

export async function expectRefused(
  authenticate: Authenticate,
  authorization: string | null,
  sentence: RegExp,
): Promise<void> {
  const error = await authenticate(authorization).then(
    () => 'accepted',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UnauthenticatedError);
  if (!(error instanceof UnauthenticatedError)) return;
  expect(error.message).toMatch(sentence);
  expect(error.message).toMatch(/^[A-Z][^:]+: [^:]+\.$|"Authorization: Bearer <token>"\.$/);
  expect(error.cause).toBeUndefined();
  expectSilent(error.message, authorization);
}

/** Every eight characters in a row of the credentials, and the texts that they spell. */
function secretsOf(authorization: string): string[] {
  const credentials = authorization.replaceAll(/ *bearer */gi, '');
  const windows = Array.from({ length: Math.max(0, credentials.length - 7) }, (_, at) => credentials.slice(at, at + 8));
  return [...windows, ...credentials.split('.').flatMap(textsOf)];
}

function textsOf(part: string): string[] {
  try {
    return leaves(JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    return [];
  }
}

/** Words that a refusal may use whether or not they stand in the token: a kind of token and an accepted algorithm. */
const OWN_WORDS = ['refresh', 'ES256'];

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return value.length > 4 && !OWN_WORDS.includes(value) ? [value] : [];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [];
}
