/** Gives each request an ID, answers it in a header, and writes one structured line when the request ends. */
import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { beginRequest } from './request.ts';

const HEADER = 'x-request-id';

/** An ID that a client or a gateway may choose: short, and harmless in a log. */
const ACCEPTED_ID = /^[\w.:-]{8,128}$/;

/** The line holds no token, value or text of the client, save for the operation's name. Must be the first plugin. */
export function useRequestLog(logger: Logger): Plugin {
  return {
    onRequest({ request, serverContext }) {
      beginRequest(serverContext, () => requestId(request));
    },
    onResponse({ request, response, serverContext }) {
      // Yoga answers preflights before it calls any onRequest of ours.
      const state = beginRequest(serverContext, () => requestId(request));
      const { startedAt, isProbe, viewer, operation, codes, failures } = state;
      response.headers.set(HEADER, state.requestId);
      const line = {
        requestId: state.requestId,
        method: request.method,
        // An address that is not ours may hold anything.
        ...(response.status !== 404 && { path: new URL(request.url).pathname }),
        status: response.status,
        milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
        ...(viewer && { tenantId: viewer.tenantId }),
        ...(operation && { operation: operation.kind, operationName: operation.name }),
        ...(codes.length > 0 && { codes }),
        ...(failures.length > 0 && { failures }),
      };
      if (failures.length > 0) logger.error(line, 'request failed');
      else if (isProbe) logger.debug(line, 'probe');
      else logger.info(line, 'request');
    },
  };
}

function requestId({ headers }: Request): string {
  const given = headers.get(HEADER);
  return given !== null && ACCEPTED_ID.test(given) ? given : randomUUID();
}
