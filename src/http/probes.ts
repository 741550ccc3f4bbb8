/** What a load balancer asks, on a listener of its own: whether the process lives, and whether it should get requests. */
import type { RequestListener, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';

export type ProbeOptions = {
  /** Whether a request could be answered now. Asked at most once a second, and never twice at a time. */
  canServe(): Promise<boolean>;
  /** From then on the answer is no, though what has begun is still answered. */
  isStopping(): boolean;
  /** Milliseconds of a clock that is never set. */
  now?: () => number;
};

/** Milliseconds for which an answer is repeated, so that nobody can load the database by asking. */
const REPEATED_MS = 1_000;
/** Milliseconds after which no answer is a no. */
const PATIENCE_MS = 2_000;

/**
 * `/livez` is 200 as long as the process answers at all: a restart mends neither a database nor an identity provider.
 * `/readyz` is 200, or 503 with `Retry-After`; it says no more, and asks for no token. The word is that of load
 * balancers and has nothing to do with the readiness of a company.
 */
export function createProbes({ canServe, isStopping, now = () => performance.now() }: ProbeOptions): RequestListener {
  let answer: Promise<boolean> | undefined;
  let repeatedUntil = 0;
  const ask = async (): Promise<boolean> => {
    try {
      return await canServe();
    } catch {
      return false;
    } finally {
      repeatedUntil = now() + REPEATED_MS;
    }
  };
  const latest = (): Promise<boolean> => {
    if (answer === undefined || now() >= repeatedUntil) {
      repeatedUntil = Number.POSITIVE_INFINITY;
      answer = ask();
    }
    return answer;
  };
  const isReady = async (): Promise<boolean> => {
    const ready = await Promise.race([latest(), setTimeout(PATIENCE_MS, false, { ref: false })]);
    return ready && !isStopping();
  };

  return async ({ url = '' }, response) => {
    const [path] = url.split('?');
    if (path === '/livez') respond(response, 200);
    else if (path !== '/readyz') respond(response, 404);
    else if (!isStopping() && (await isReady())) respond(response, 200);
    else respond(response, 503, { 'retry-after': '1' });
  };
}

function respond(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'cache-control': 'no-store', 'content-length': '0', ...headers }).end();
}
