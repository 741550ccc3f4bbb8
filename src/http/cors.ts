/** Which pages of other origins may call the API from a browser: those of the settings, by their exact origin. */
import type { CORSOptions } from 'graphql-yoga';

/**
 * Credentials are never allowed: the token is a header, which scripts add themselves. Without origins nothing is answered to
 * a browser that asks, so that no page of another origin can send a token or read an answer.
 */
export function allowOrigins(origins: readonly string[]): CORSOptions | ((request: Request) => CORSOptions) {
  if (origins.length === 0) return false;
  const allowed = new Set(origins);
  return ({ headers }) => {
    const origin = headers.get('origin') ?? '';
    if (!allowed.has(origin)) return false;
    return {
      origin,
      credentials: false,
      methods: ['GET', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'x-request-id'],
      exposedHeaders: ['graphql-cost', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'],
      maxAge: 600,
    };
  };
}
