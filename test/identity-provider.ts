/** An identity provider on loopback that counts what is asked of it and can answer wrongly. */
import { createServer, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { JWK } from 'jose';
import { listenOnLoopback } from './loopback.ts';

export type IdentityProvider = {
  url: URL;
  keys: JWK[];
  /** Requests so far, to any path. */
  fetches: number;
  /** How it answers; `undefined` gives `keys`. */
  answer: ((response: ServerResponse) => void) | undefined;
  stop(): Promise<void>;
};

export async function startIdentityProvider(keys: JWK[] = []): Promise<IdentityProvider> {
  const server = createServer((_request, response) => {
    provider.fetches += 1;
    if (provider.answer) provider.answer(response);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: provider.keys }));
  });
  const port = await listenOnLoopback(server);
  const provider: IdentityProvider = {
    url: new URL(`http://127.0.0.1:${port}/jwks`),
    keys,
    fetches: 0,
    answer: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}

/** Wrong answers, each of which must leave the keys as they were. */
export const answers = {
  down: (response: ServerResponse) => response.socket?.destroy(),
  hang: () => {},
  hangInBody: (response: ServerResponse) => response.write('{"keys":['),
  redirectTo: (url: URL) => (response: ServerResponse) => response.writeHead(302, { location: url.href }).end(),
  packed: (text: string) => (response: ServerResponse) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
  text: (text: string) => (response: ServerResponse) => response.end(text),
  status: (status: number, text: string) => (response: ServerResponse) => response.writeHead(status).end(text),
};
