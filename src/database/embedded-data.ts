/** The embedded database's data: made once, with its password inside, so that the two cannot come apart. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedDatabaseError, makeOnce, serverAccount } from './embedded-folder.ts';

const INITDB_MS = 120_000;

/** Makes `<folder>/data` unless it is there: UTF-8, sorted by code point, every connection asked for a password. */
export async function createData(folder: string, initdb: string): Promise<void> {
  await makeOnce(path.join(folder, 'data'), async (temporary) => {
    const data = path.join(temporary, 'data');
    const password = path.join(temporary, 'password');
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (serverAccount !== undefined) {
      for (const entry of [data, password]) chownSync(entry, serverAccount.uid, serverAccount.gid);
    }
    await runInitdb(initdb, folder, ['-D', data, `--pwfile=${password}`]);
    renameSync(password, path.join(data, 'password'));
    return data;
  });
}

async function runInitdb(initdb: string, folder: string, place: string[]): Promise<void> {
  // Only Linux is sure to have the C library's C.UTF-8; the builtin locale of that name is there on all of them.
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C';
  const form = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', `--locale=${locale}`];
  const access = ['--username=postgres', '--auth=scram-sha-256'];
  const options = { ...serverAccount, cwd: folder, timeout: INITDB_MS, windowsHide: true };
  try {
    await promisify(execFile)(initdb, [...place, ...form, ...access, '--no-sync'], options);
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error && error.stderr ? error.stderr : error;
    throw new EmbeddedDatabaseError(
      `PostgreSQL's initdb could not make a database in ${folder} (${String(output).trim()}): remove the cause, or set DATABASE_URL to a server of your own.`,
    );
  }
}

/** The superuser's password. */
export function readPassword(data: string): string {
  try {
    return readFileSync(path.join(data, 'password'), 'utf8');
  } catch {
    throw new EmbeddedDatabaseError(
      `${data} was made by another user or another program: start as that user, delete ${data} for a fresh database, or set EMBEDDED_PG_DIR to another folder.`,
    );
  }
}
