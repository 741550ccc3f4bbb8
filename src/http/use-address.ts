/** Which addresses there are: Yoga by itself takes every one that ends like the endpoint. */
import type { Plugin } from 'graphql-yoga';

/** Answers 404 to an address that is neither the endpoint nor below `/assets/` there. */
export function useAddress(endpoint: string): Plugin {
  const known = (path: string) => [endpoint, `${endpoint}/`].includes(path) || path.startsWith(`${endpoint}/assets/`);
  return {
    onRequest({ url, endResponse, fetchAPI }) {
      if (!known(url.pathname)) endResponse(new fetchAPI.Response(null, { status: 404 }));
    },
  };
}
