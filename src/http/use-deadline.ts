/** Ends an operation that takes too long, or whose client has gone: no statement of it begins any more. */
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { httpError } from './http-error.ts';
import { requestState } from './request.ts';

/**
 * Answers 504 after so many milliseconds. The statement under way is ended by the database's own time-out, and a write by
 * its transaction's, so either may still happen. Must come after the plugins that
 * may refuse the operation, so that only what really runs is timed.
 */
export function useDeadline(milliseconds: number): Plugin<YogaInitialContext> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { ended } = requestState(args.contextValue);
      const { signal } = args.contextValue.request;
      const leave = () => ended.abort(signal.reason);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      Object.assign(args, { signal: ended.signal });
      setExecuteFn(async (running) => {
        const timer = setTimeout(() => ended.abort(tooSlow(milliseconds)), milliseconds);
        try {
          // The executor itself lets a mutation that has begun come to its end.
          return await Promise.race([executeFn(running), abortOf(ended.signal)]);
        } finally {
          clearTimeout(timer);
        }
      });
    },
  };
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function tooSlow(milliseconds: number) {
  const sentence = `The operation took longer than ${milliseconds} ms: ask for less. What it wrote may be there: read before you repeat it.`;
  return httpError(504, 'TIMEOUT', sentence);
}
