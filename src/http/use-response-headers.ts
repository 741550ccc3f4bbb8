/** What every answer says to browsers and caches, unless a plugin has said otherwise, as the explorer's page does. */
import type { Plugin } from 'graphql-yoga';

export const RESPONSE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  vary: 'Origin', // what CORS answers depends on it
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Adds each header that the answer does not have yet. */
export function useResponseHeaders(): Plugin {
  return {
    onResponse({ response: { headers } }) {
      for (const [name, value] of Object.entries(RESPONSE_HEADERS)) if (!headers.has(name)) headers.set(name, value);
    },
  };
}
