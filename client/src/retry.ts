/** Repeats what is safe to repeat while the gateway is unavailable, for a bounded time. */
import { aborted, type Result } from './result.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Calls `attempt` until it answers anything but `unavailable`, `attempts` times at most. Never throws by itself. */
export async function withRetries<Data>(
  attempts: number,
  signal: AbortSignal | undefined,
  attempt: () => Promise<Result<Data>>,
): Promise<Result<Data>> {
  for (let made = 1; ; made++) {
    const result = await attempt();
    if (result.ok || result.failure.kind !== 'unavailable' || made >= attempts) return result;
    const pauseMs = pauseAfter(made, result.failure.retryAfterMs, Math.random());
    if (pauseMs === undefined) return result;
    await pause(pauseMs, signal);
    if (signal?.aborted) return aborted(signal);
  }
}

/**
 * Milliseconds to wait after the attempt with this number, from 1. Pauses double, and `random`, from 0 to 1, spreads the
 * callers that were turned away together. Never shorter than the gateway asked for; `undefined` when that is too long.
 */
export function pauseAfter(attempt: number, retryAfterMs: number | undefined, random: number): number | undefined {
  const backoffMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  if (retryAfterMs === undefined) return Math.min(backoffMs, LONGEST_PAUSE_MS) * (0.5 + random / 2);
  return retryAfterMs > LONGEST_PAUSE_MS ? undefined : retryAfterMs + FIRST_PAUSE_MS * random;
}

/** Ends early when the signal is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
