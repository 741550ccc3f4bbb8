/** Ends an operation that takes too long, or whose client has gone: nothing more of it is resolved. */
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { httpError } from './http-error.ts';

/**
 * Answers 504 after so many milliseconds. The statement under way is ended by the database's own time-out, and a write by
 * its transaction's, so either may still happen. Must be the last plugin, so that only what really runs is timed.
 */
export function useDeadline(milliseconds: number): Plugin<YogaInitialContext> {
  return {
    onExecute({ args }) {
      const { request } = args.contextValue;
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(tooSlow(milliseconds)), milliseconds);
      const stop = () => {
        clearTimeout(timer);
        deadline.abort(request.signal.reason);
      };
      request.signal.addEventListener('abort', stop, { once: true });
      Object.assign(args, { signal: deadline.signal });
      return { onExecuteDone: () => clearTimeout(timer) };
    },
  };
}

function tooSlow(milliseconds: number) {
  const sentence = `The operation took longer than ${milliseconds} ms: ask for less. What it wrote may be there: read before you repeat it.`;
  return httpError(504, 'TIMEOUT', sentence);
}
