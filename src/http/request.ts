/** What is known of a request outside GraphQL: kept on Yoga's server context, which lives as long as the request. */
import type { Viewer } from '../viewer.ts';

export type RequestState = {
  requestId: string;
  startedAt: number;
  viewer?: Viewer;
  /** Kind and name of the operation, once the document is parsed. */
  operation?: { kind: string; name: string | undefined };
  /** Codes of the top-level errors answered. */
  codes: string[];
  /** What went wrong unexpectedly, as far as it may be logged. */
  failures: Failure[];
};

/** An unexpected error without its message, which may hold values of the request or of the database. */
export type Failure = { name: string; code: string | undefined; frames: string[] };

const states = new WeakMap<object, RequestState>();

export function beginRequest(serverContext: object, state: RequestState): void {
  states.set(serverContext, state);
}

/** Whether a plugin has seen the request; Yoga's own health check answers before all of them. */
export function hasBegun(serverContext: object): boolean {
  return states.has(serverContext);
}

/** @throws when the request did not begin here, which is a mistake in app.ts. */
export function requestState(serverContext: object): RequestState {
  const state = states.get(serverContext);
  if (state === undefined) throw new Error('The request has no state: useRequestLog must be the first plugin.');
  return state;
}
