/** What every refusal has in common: the error's class, one sentence, and silence about the token. */
import { expect } from 'vitest';
import { UnauthenticatedError } from '../src/errors.ts';
import type { Authenticate } from '../src/viewer.ts';

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
  expect(secretsOf(authorization ?? '').filter((secret) => error.message.includes(secret))).toEqual([]);
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
