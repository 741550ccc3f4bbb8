/**
 * `npm run schema:breaking` says what in schema.graphql breaks clients of the last tag, or of main while there is no tag,
 * and exits 2 when something does that CHANGELOG.md does not announce. Dangerous changes are told and accepted.
 *
 * It compares with what the clone has. Where that is nothing (an archive, a shallow clone without main, a first commit)
 * it says so and exits 0: it never fetches.
 */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const SCHEMA = 'schema.graphql';
const CHANGELOG = 'CHANGELOG.md';

type Base = { name: string; commit: string; schema: string };

const base = findBase();
if (typeof base === 'string') {
  console.log(`${SCHEMA} is compared with nothing: ${base}`);
} else {
  await compare(base);
}

async function compare({ name, commit, schema }: Base): Promise<void> {
  const before = buildSchema(schema);
  const after = buildSchema(await readFile(SCHEMA, 'utf8'));
  const isAnnounced = await readAnnouncements(commit);
  const breaking = findBreakingChanges(before, after).map(({ description }) => description);
  const unannounced = breaking.filter((change) => !isAnnounced(change));

  console.log(`${SCHEMA} is compared with ${name}: ${unannounced.length || 'no'} unannounced breaking changes.`);
  for (const { description } of findDangerousChanges(before, after)) console.log(`  dangerous: ${description}`);
  for (const change of breaking) console.log(`  ${isAnnounced(change) ? 'announced' : 'BREAKING'}: ${change}`);
  if (unannounced.length === 0) return;
  console.error(
    `\nUndo these, or announce them under [Unreleased] in ${CHANGELOG}, with what a client does instead:\n${unannounced
      .map((change) => `- ${asEntry(change)} …`)
      .join('\n')}`,
  );
  process.exitCode = 2;
}

/** How CHANGELOG.md quotes a change: between backticks, so that `Company.name` is not found in `OldCompany.name`. */
function asEntry(change: string): string {
  return `\`${change}\``;
}

/** Whether CHANGELOG.md announces a change once more often than at the base, where it may be an old story. */
async function readAnnouncements(commit: string): Promise<(change: string) => boolean> {
  const unfolded = (text: string) => text.replaceAll(/\s+/g, ' ');
  const now = unfolded(await readFile(CHANGELOG, 'utf8').catch(() => ''));
  const then = unfolded(git('show', `${commit}:./${CHANGELOG}`) ?? '');
  return (change) => now.split(asEntry(change)).length > then.split(asEntry(change)).length;
}

/** The last tag behind this commit, or where it left main; as text, why there is neither. */
function findBase(): Base | string {
  if (git('rev-parse', '--is-inside-work-tree') === undefined) return 'git finds no clone around it.';
  const places: [name: string, commit: string | undefined][] = [];
  const tag = git('describe', '--tags', '--abbrev=0');
  if (tag !== undefined) places.push([`the tag ${tag}`, tag]);
  // Where the clone is too shallow to tell where this branch left main, main itself is the best that there is.
  for (const main of ['main', 'origin/main']) {
    if (git('rev-parse', '--verify', '--quiet', main) === undefined) continue;
    places.push([main, git('merge-base', 'HEAD', main) ?? main]);
  }
  for (const [name, commit = ''] of places) {
    const schema = git('show', `${commit}:./${SCHEMA}`);
    if (schema !== undefined) return { name, commit, schema };
  }
  if (places.length === 0) return 'the clone has neither a tag nor main; fetch one of them to compare.';
  return `${places.map(([name]) => name).join(' and ')} ${places.length === 1 ? 'has' : 'have'} none.`;
}

/** What git prints; `undefined` where it fails, or is not installed. */
function git(...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 }).trim();
  } catch {
    return undefined;
  }
}
