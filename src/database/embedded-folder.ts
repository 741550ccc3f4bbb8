/** Where the embedded database lives, and how several processes that start at once agree on what they make there. */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The embedded database cannot be had; `message` is one sentence that says what to do. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}

const NOBODY = 65_534;
/** Making anything takes a second; what is older than this was left behind, even if its process's ID is in use. */
const TEMPORARY_MS = 10 * 60_000;
const TEMPORARY = /^new-(\d+)-/;

/** Who runs PostgreSQL: we ourselves (`undefined`), but nobody in the place of root, as which it refuses to run. */
export const serverAccount = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;

/**
 * The folder that holds the database of `directory`; both exist afterwards. It is `directory` itself, unless the
 * server's user may not enter that, as in a project of root that only root may read. Then it is a folder of its own
 * elsewhere, remembered in `<directory>/location`, on which processes that start at once agree.
 */
export function findFolder(directory: string): string {
  mkdirSync(directory, { recursive: true });
  removeStale(directory);
  const real = realpathSync(directory);
  const location = path.join(real, 'location');
  if (!existsSync(location)) {
    if (isEnterable(real)) return real;
    if (existsSync(path.join(real, 'data'))) {
      throw new EmbeddedDatabaseError(
        `The database in ${real} was made by a user other than root or before its folder was closed: start as that user, let uid ${NOBODY} enter the folder, or delete it for a fresh database.`,
      );
    }
    const fresh = chooseShelter(real);
    const written = temporaryPath(real);
    writeFileSync(written, fresh);
    keepFirst(() => linkSync(written, location), location);
    rmSync(written, { force: true });
  }
  const folder = readFileSync(location, 'utf8');
  mkdirSync(folder, { recursive: true });
  if (lstatSync(folder).uid !== process.getuid?.()) {
    throw new EmbeddedDatabaseError(
      `${folder}, where the database of ${real} is, belongs to another user: start as that user, or delete ${real} for a fresh database.`,
    );
  }
  chmodSync(folder, 0o711);
  removeStale(folder);
  return folder;
}

/** A path nobody can guess, below a folder that the server's user may enter. */
function chooseShelter(directory: string): string {
  for (const parent of ['/var/lib/carbon-gateway', tmpdir()]) {
    try {
      if (mkdirSync(parent, { recursive: true }) !== undefined) chmodSync(parent, 0o711);
      if (isEnterable(parent)) return path.join(parent, `carbon-gateway-${randomUUID()}`);
    } catch {
      // The next one may do.
    }
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL runs as uid ${NOBODY} in the place of root and may not enter ${directory}: set EMBEDDED_PG_DIR to a folder that it may enter, or DATABASE_URL to a server of your own.`,
  );
}

/** Whether the server's user may pass every folder down to `folder`, judged by mode bits. */
export function isEnterable(folder: string): boolean {
  if (serverAccount === undefined) return true;
  for (let current = realpathSync(folder); ; current = path.dirname(current)) {
    const { mode, uid, gid } = statSync(current);
    const enter = uid === serverAccount.uid ? 0o100 : gid === serverAccount.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}

/**
 * Makes `target` all at once: `make` fills a temporary folder beside it and returns what is to get the name. When
 * another process was faster, what that one made stays.
 */
export async function makeOnce(target: string, make: (temporary: string) => Promise<string>): Promise<void> {
  if (existsSync(target)) return;
  const temporary = temporaryPath(path.dirname(target));
  mkdirSync(temporary);
  try {
    if (serverAccount !== undefined) chmodSync(temporary, 0o711);
    const made = await make(temporary);
    keepFirst(() => renameSync(made, target), target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function keepFirst(claim: () => void, target: string): void {
  try {
    claim();
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** The name tells whose it is, so that `removeStale` can tell when nobody's. */
function temporaryPath(folder: string): string {
  return path.join(folder, `new-${process.pid}-${randomUUID()}`);
}

/** Removes what killed processes were making; what cannot be removed is in nobody's way. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid === undefined) continue;
    const temporary = path.join(folder, name);
    try {
      const isOld = Date.now() - statSync(temporary).mtimeMs > TEMPORARY_MS;
      if (!isOld && isAlive(Number(pid))) continue;
      rmSync(temporary, { recursive: true, maxRetries: 5, retryDelay: 20 }); // An orphaned initdb may be writing yet.
    } catch {}
  }
}

/** Whether any process has this ID, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
