/** Turns the bearer token into the viewer, before anything of the request is looked at. */
import { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { KeysUnavailableError, UnauthenticatedError } from '../errors.ts';
import type { Authenticate } from '../viewer.ts';
import { httpError } from './http-error.ts';
import { requestState } from './request.ts';

/** A request without an accepted token ends here with HTTP 401, or with 503 while the keys are out of reach. */
export function useViewer(authenticate: Authenticate): Plugin {
  return {
    async onRequestParse({ request, serverContext }) {
      const authorization = authorizationOf(request, serverContext);
      try {
        requestState(serverContext).viewer = await authenticate(authorization);
      } catch (error) {
        throw asHttpError(error, authorization !== null);
      }
    },
  };
}

/** All such headers: Node keeps the first and drops the others in silence, while a proxy may have looked at the last. */
function authorizationOf(request: Request, serverContext: object): string | null {
  const incoming =
    'req' in serverContext && serverContext.req instanceof IncomingMessage ? serverContext.req : undefined;
  const { authorization } = incoming?.headersDistinct ?? {};
  return authorization?.join(', ') ?? request.headers.get('authorization');
}

/** RFC 6750, section 3: a request without a token is told the scheme alone. */
function asHttpError(error: unknown, hadToken: boolean): unknown {
  if (error instanceof UnauthenticatedError) {
    const challenge = hadToken
      ? 'Bearer realm="carbon-gateway", error="invalid_token"'
      : 'Bearer realm="carbon-gateway"';
    return httpError(401, 'UNAUTHENTICATED', error.message, { 'WWW-Authenticate': challenge });
  }
  if (error instanceof KeysUnavailableError)
    return httpError(503, 'SERVICE_UNAVAILABLE', error.message, { 'Retry-After': '5' });
  return error;
}
