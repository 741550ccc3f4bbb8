/** What is known of a request outside GraphQL: kept on Yoga's server context, which lives as long as the request. */
import type { Spending } from '../budget/cost-budget.ts';
import type { Viewer } from '../viewer.ts';

export type RequestState = {
  requestId: string;
  startedAt: number;
  /** Whether it comes every few seconds and is logged for debugging only. */
  isProbe?: boolean;
  viewer?: Viewer;
  /** Kind and name of the operation, once the document is parsed. */
  operation?: { kind: string; name: string | undefined };
  /** Points that the operation costs, and what its tenant's budget said to them. */
  cost?: number;
  spending?: Spending;
  /** Aborted when nobody waits for the answer any more. */
  ended: AbortController;
  /** Codes of the top-level errors answered. */
  codes: string[];
  /** What went wrong unexpectedly, as far as it may be logged. */
  failures: Failure[];
};

/** An unexpected error without its message, which may hold values of the request or of the database. */
export type Failure = { name: string; code: string | undefined; frames: string[] };

const states = new WeakMap<object, RequestState>();

/** The state of a request that may have begun before. */
export function beginRequest(serverContext: object, requestId: () => string): RequestState {
  const begun = states.get(serverContext);
  if (begun !== undefined) return begun;
  const state = {
    requestId: requestId(),
    startedAt: performance.now(),
    ended: new AbortController(),
    codes: [],
    failures: [],
  };
  states.set(serverContext, state);
  return state;
}

/** @throws when the request did not begin here, which is a mistake in app.ts. */
export function requestState(serverContext: object): RequestState {
  const state = states.get(serverContext);
  if (state === undefined) throw new Error('The request has no state: useRequestLog must be the first plugin.');
  return state;
}
