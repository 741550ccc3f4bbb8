/** Answers `/livez` with 200 as long as the process answers at all; see `probes.ts` for whether it should get requests. */
import type { Plugin } from 'graphql-yoga';
import { requestState } from './request.ts';

const PATH = '/livez';

/** Needs no token and tells nothing. Must come after `useRequestLog`. */
export function useLiveness(): Plugin {
  return {
    onRequest({ url, serverContext, endResponse }) {
      if (url.pathname !== PATH) return;
      requestState(serverContext).isProbe = true;
      endResponse(new Response(null, { status: 200 }));
    },
  };
}
