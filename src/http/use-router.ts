/** What is different when the one who asks is a router. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import { httpError } from './http-error.ts';

/** The header in which a router sends its secret. */
const SECRET_HEADER = 'router-authorization';

/** Refuses whoever does not know the secret, before anything of the request is looked at. */
export function useRouterSecret(secret: string): Plugin {
  const expected = digest(secret);
  return {
    onRequestParse({ request }) {
      // Digests are alike in length, so that the time taken tells nothing of either.
      if (timingSafeEqual(digest(request.headers.get(SECRET_HEADER) ?? ''), expected)) return;
      const message = `This endpoint is for the router alone: send its secret in the header ${SECRET_HEADER}.`;
      throw httpError(403, 'FORBIDDEN', message);
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Answers every GraphQL request with HTTP 200: of another status, gateways tell their client the address that gave it. The
 * code in each error says the rest. No cache that several clients share may keep an answer, which is that of one tenant.
 */
export function useRouterAnswers(): Plugin {
  return {
    onResponse({ response, setResponse, fetchAPI }) {
      const { body, headers } = response;
      if (!headers.get('content-type')?.includes('json')) return;
      headers.set('cache-control', 'private, no-store');
      if (response.status !== 200) setResponse(new fetchAPI.Response(body, { status: 200, headers }));
    },
  };
}
