/** Servers of tests listen on the loopback, where no other machine can ask them. */
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Any free port when `port` is 0. @returns the port. @throws the system's error when it cannot be had. */
export function listenOnLoopback(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
