/** The example page as a person runs it: `npm start` and `npm run frontend`, as processes of their own. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type DatabaseFolder, databaseFolder, type GatewayProcess, startGateway } from './gateway-process.ts';

export type Frontend = { origin: string; gateway: GatewayProcess; place: DatabaseFolder; stop(): Promise<void> };

/** A gateway with its demo tenants, and the page in front of it. */
export async function startFrontend(): Promise<Frontend> {
  const place = await databaseFolder();
  const gateway = await startGateway({ EMBEDDED_PG_DIR: place.folder });
  const page = await startPage({ EMBEDDED_PG_DIR: place.folder, PORT: new URL(gateway.url()).port });
  return {
    origin: page.origin,
    gateway,
    place,
    async stop() {
      await page.stop();
      gateway.signal('SIGTERM');
      await gateway.exit;
      await place.remove();
    },
  };
}

/** Runs the script `frontend` of package.json, on any free port, without npm, which keeps signals to itself. */
async function startPage(environment: Record<string, string>): Promise<{ origin: string; stop(): Promise<void> }> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const [command = '', ...options] = String(scripts.frontend).split(' ');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(path.resolve('node_modules/.bin', command), [...options, '--port', '0'], {
    env: { PATH, HOME, ...environment, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const origin = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
        if (address) resolve(address);
      });
  });
  const failed = ended.then(() => Promise.reject(new Error(`The page did not start: ${output}`)));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  failed.catch(() => {}); // it ends after the tests, too
  return { origin: await Promise.race([origin, failed]), stop };
}
