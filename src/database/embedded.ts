/**
 * The database of a process that was given none: a real PostgreSQL whose binaries come from npm, shared by all processes
 * that start with the same folder. PostgreSQL's own locks settle every race. `postmaster.pid` decides who starts the
 * server; an advisory lock, which every process holds shared for as long as it lives, tells the last one that it is.
 */
import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './embedded-binaries.ts';
import { createData, readPassword } from './embedded-data.ts';
import { EmbeddedDatabaseError, findFolder } from './embedded-folder.ts';
import { isServer, lastLogLine, launchServer, readPostmaster, type Server, shutDownServer } from './embedded-server.ts';

export type EmbeddedDatabase = {
  /** The superuser's URL of the database `postgres`. */
  url: string;
  /** Where data and log are: the folder asked for, or one of its own where the server's user may not enter that. */
  folder: string;
  /** Leaves the server; the last process to leave stops it and waits until it is gone. May be called again. */
  stop(): Promise<void>;
};

/** A session that shows the other processes that this one uses the server. */
type Presence = { client: pg.Client; socket: Socket; pid: number; port: number };

const PRESENCE_KEY = 0x636172626f6e;
const PATIENCE_MS = 60_000;
const POLL_MS = 20;
/** A server may be refused for a moment: its port was taken, or sessions of a killed server still hold its memory. */
const LAUNCHES = 40;
const RELAUNCH_MS = 100;

/**
 * Starts the database of `directory`, or joins it where it runs already: because another process uses it, or because
 * the one that did was killed. The first start creates the data; deleting `directory` gives a fresh database.
 *
 * The process may end without `stop()`; the server then waits for the next start.
 *
 * @throws EmbeddedDatabaseError when there are no binaries for this machine, the data belongs to somebody else, or the
 * server does not answer within a minute.
 */
export async function startEmbedded(directory: string): Promise<EmbeddedDatabase> {
  const absolute = path.resolve(directory);
  try {
    return await start(absolute);
  } catch (error) {
    if (error instanceof EmbeddedDatabaseError) throw error;
    throw new EmbeddedDatabaseError(
      `The embedded database cannot be kept in ${absolute} (${String(error)}): remove the cause, delete the folder for a fresh database, or set EMBEDDED_PG_DIR to another one.`,
      { cause: error },
    );
  }
}

async function start(directory: string): Promise<EmbeddedDatabase> {
  const folder = findFolder(directory);
  const { initdb, postgres, pgCtl } = await findBinaries(folder);
  await createData(folder, initdb);
  const data = path.join(folder, 'data');
  const server: Server = { postgres, pgCtl, folder, data, log: path.join(folder, 'server.log') };
  const password = readPassword(data);
  const presence = await enter(server, password);
  let stopped: Promise<void> | undefined;
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${presence.port}/postgres`,
    folder,
    stop: () => {
      stopped ??= leave(server, password, presence);
      return stopped;
    },
  };
}

async function enter(server: Server, password: string): Promise<Presence> {
  const deadline = Date.now() + PATIENCE_MS;
  let launches = 0;
  while (Date.now() < deadline) {
    const presence = await join(server, password);
    if (presence !== undefined) return presence;
    if (isServer(readPostmaster(server.data)?.pid, server.data)) {
      await sleep(POLL_MS); // It starts, recovers or shuts down: each ends by itself.
    } else if (!(await launchServer(server))) {
      launches += 1;
      if (launches === LAUNCHES) throw notStarted(server);
      await sleep(RELAUNCH_MS);
    }
  }
  throw new EmbeddedDatabaseError(
    `The embedded PostgreSQL did not answer within ${PATIENCE_MS / 1000} s: read ${server.log}, or set DATABASE_URL to a server of your own.`,
  );
}

function notStarted(server: Server): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError(
    `The embedded PostgreSQL does not start (${lastLogLine(server.log)}): read ${server.log}, or set DATABASE_URL to a server of your own.`,
  );
}

/** Waits while a process that leaves holds the lock alone; `undefined` when that one took the server with it. */
async function join(server: Server, password: string): Promise<Presence | undefined> {
  const presence = await connect(server, password);
  if (presence === undefined) return undefined;
  try {
    await presence.client.query('SELECT pg_advisory_lock_shared($1)', [PRESENCE_KEY]);
    presence.socket.unref();
    return presence;
  } catch {
    await end(presence);
    return undefined;
  }
}

async function connect(server: Server, password: string): Promise<Presence | undefined> {
  const postmaster = readPostmaster(server.data);
  if (postmaster?.status !== 'ready') return undefined;
  const { pid, port } = postmaster;
  const socket = new Socket();
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    ssl: false,
    application_name: 'carbon-gateway presence',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    stream: () => socket,
  });
  client.on('error', () => {}); // The server may end before we do; `leave` sees it by itself.
  const presence = { client, socket, pid, port };
  try {
    await client.connect();
    return presence;
  } catch (error) {
    await end(presence);
    if (isFinal(error) && isServer(pid, server.data)) {
      throw new EmbeddedDatabaseError(
        `The embedded PostgreSQL refuses a session (${error.message}): remove the cause, see ${server.log}, or delete ${server.folder} for a fresh database.`,
      );
    }
    return undefined;
  }
}

/** Whether waiting does not help: SQLSTATE class 57 is a server that starts, recovers or shuts down. */
function isFinal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !error.code?.startsWith('57');
}

async function end({ client, socket }: Presence): Promise<void> {
  socket.ref();
  await client.end().catch(() => {});
}

async function leave(server: Server, password: string, entered: Presence): Promise<void> {
  entered.socket.ref(); // A process that only waits for `stop()` must not end before it is done.
  const presence = (await release(entered)) ? entered : await connect(server, password);
  if (presence === undefined) return;
  try {
    if (await isLast(presence.client)) await shutDownServer(server, presence.pid);
  } finally {
    await end(presence);
  }
}

/** False when the session is lost. The server may be there yet: it closes all sessions when one of them crashes. */
async function release(presence: Presence): Promise<boolean> {
  try {
    await presence.client.query('SELECT pg_advisory_unlock_shared($1)', [PRESENCE_KEY]);
    return true;
  } catch {
    await end(presence);
    return false;
  }
}

/** Keeps the lock when it is free, so that a process that arrives now waits until the server is gone. */
async function isLast(client: pg.Client): Promise<boolean> {
  try {
    const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [PRESENCE_KEY]);
    return rows[0]?.last === true;
  } catch {
    return false; // The server is gone already.
  }
}
