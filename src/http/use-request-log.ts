/** Gives each request an ID, answers it in a header, and writes one structured line when the request ends. */
import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { beginRequest, hasBegun, requestState } from './request.ts';

const HEADER = 'x-request-id';

/** An ID that a client or a gateway may choose: short, and harmless in a log. */
const ACCEPTED_ID = /^[\w.:-]{8,128}$/;

/** The line holds no token, value or text of the client, save for the operation's name. Must be the first plugin. */
export function useRequestLog(logger: Logger): Plugin {
  return {
    onRequest({ request, serverContext }) {
      const given = request.headers.get(HEADER);
      const requestId = given !== null && ACCEPTED_ID.test(given) ? given : randomUUID();
      beginRequest(serverContext, { requestId, startedAt: performance.now(), codes: [], failures: [] });
    },
    onResponse({ request, response, serverContext }) {
      if (!hasBegun(serverContext)) return; // a probe, which comes every few seconds and tells nothing
      const { requestId, startedAt, viewer, operation, codes, failures } = requestState(serverContext);
      response.headers.set(HEADER, requestId);
      const line = {
        requestId,
        method: request.method,
        path: new URL(request.url).pathname,
        status: response.status,
        milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
        ...(viewer && { tenantId: viewer.tenantId }),
        ...(operation && { operation: operation.kind, operationName: operation.name }),
        ...(codes.length > 0 && { codes }),
        ...(failures.length > 0 && { failures }),
      };
      if (failures.length > 0) logger.error(line, 'request failed');
      else logger.info(line, 'request');
    },
  };
}
