/** The errors that the domain owns. How they look in the schema is `user-errors.ts`; how HTTP shows them is `http/`. */

/** A token that is absent or not accepted: HTTP 401. `message` is one sentence and never repeats the token. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}

/** The token cannot be judged now, because the identity provider's keys are out of reach: HTTP 503, worth a retry. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}
