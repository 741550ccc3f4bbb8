/** What a call answers: data, or a failure sorted by what the caller can do about it. */

/** Look at `ok` first: it tells TypeScript which of the two it is. */
export type Result<Data> = { ok: true; data: Data } | { ok: false; failure: Failure };

/**
 * Why there is no data. What a user can put right in an input is no failure: it is data, in the payload's `userErrors`.
 *
 * - `unauthenticated`: the token is missing, expired or not accepted, or could not be had: sign in again.
 * - `forbidden`: the token lacks a scope: offer what it permits.
 * - `invalid`: the gateway refuses the document or a variable: a mistake in the calling program.
 * - `unavailable`: nobody answered, or said to come back later; a repetition may succeed, after `retryAfterMs` if given.
 *   A mutation may have been carried out.
 * - `failed`: a fault on the other side: report the `requestId`.
 * - `aborted`: the caller's signal ended it. A mutation may have been carried out.
 */
export type Failure = {
  kind: 'unauthenticated' | 'forbidden' | 'invalid' | 'unavailable' | 'failed' | 'aborted';
  /** One sentence, for a developer rather than for a user. */
  message: string;
  /** The HTTP status; absent when no answer came. */
  status?: number;
  /** What the gateway's log knows the request by. */
  requestId?: string;
  /** The gateway's top-level errors, as they came. */
  errors?: readonly RequestError[];
  /** How long the gateway asks to wait, in milliseconds. */
  retryAfterMs?: number;
  /** What was thrown: by the network, by the function that gives the token, or as the signal's reason. */
  cause?: unknown;
};

/** A top-level error of GraphQL. */
export type RequestError = {
  message: string;
  path?: readonly (string | number)[];
  extensions?: { code?: string; requestId?: string; [name: string]: unknown };
};

/** A failure where there is no result to put it into: thrown while `nodes` is iterated, and nowhere else. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message, { cause: failure.cause });
    this.failure = failure;
  }
}

/** The result for a failure. */
export function fail(failure: Failure): { ok: false; failure: Failure } {
  return { ok: false, failure };
}

/** The result of a call whose signal has ended it; the signal's reason is its cause. */
export function aborted(signal: AbortSignal | undefined): { ok: false; failure: Failure } {
  return fail({ kind: 'aborted', message: 'The call was aborted by its signal.', cause: signal?.reason });
}
