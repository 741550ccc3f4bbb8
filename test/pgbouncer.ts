/** PgBouncer in transaction mode, in front of a test's database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from './loopback.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}; // PgBouncer refuses root

export const pgbouncerIsMissing = !existsSync(PROGRAM);

export type Pgbouncer = {
  /** The URL of the same database through PgBouncer. */
  url: string;
  /** Lets go of its connections to the server, so that the next ones begin with the login's settings of today. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts PgBouncer for one login, whose name and password are those of `url`.
 *
 * @param settings lines of its configuration, beside those that make it listen on the loopback with three connections.
 */
export async function startPgbouncer(url: string, settings: readonly string[]): Promise<Pgbouncer> {
  const target = new URL(url);
  const through = new URL(url);
  through.port = String(await freePort());
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-pgbouncer-'));
  const [file, users] = [path.join(folder, 'pgbouncer.ini'), path.join(folder, 'users')];
  const password = decodeURIComponent(target.password);
  await writeFile(users, `"${target.username}" "${password}"\n`);
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${target.hostname} port=${target.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${through.port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      `admin_users = ${target.username}`,
      'pool_mode = transaction',
      'default_pool_size = 3',
      ...settings,
    ].join('\n'),
  );
  await chmod(folder, 0o755);
  const child = spawn(PROGRAM, [file], { ...asNobody, stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    url: through.href,
    async reconnect() {
      const client = new pg.Client({ connectionString: new URL('/pgbouncer', through).href });
      await client.connect();
      await client.query('RECONNECT');
      await client.query('WAIT_CLOSE');
      await client.end();
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @throws with what it printed when it ends instead. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk) => {
      log += chunk;
      if (log.includes('process up')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`PgBouncer ended: ${log}`)));
  });
}
