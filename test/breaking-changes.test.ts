/** `npm run schema:breaking` in clones as a pipeline or a stranger may have them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const WITH_CITY = 'type Query { company: Company, city: String }\ntype Company { name: String!, city: String }\n';
const WITHOUT_CITY = 'type Query { company: Company, city: String }\ntype Company { name: String! }\n';
const REMOVAL = 'Company.city was removed.';

/** A folder with this schema in it, and no git. */
async function archive(schema: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breaking-'));
  folders.push(folder);
  await write(folder, schema);
  return folder;
}

const write = (folder: string, schema: string) => writeFile(path.join(folder, 'schema.graphql'), schema);
const announce = (folder: string, text: string) => writeFile(path.join(folder, 'CHANGELOG.md'), text);

/** git without the settings of whoever runs the tests. */
function git(folder: string, ...args: string[]) {
  const identity = [
    '-c',
    'user.name=Tester',
    '-c',
    'user.email=tester@example.com',
    '-c',
    'protocol.file.allow=always',
  ];
  const { PATH = '' } = process.env;
  return run('git', [...identity, ...args], { cwd: folder, env: { PATH, GIT_CONFIG_GLOBAL: '', HOME: folder } });
}

async function commit(folder: string): Promise<void> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Change something');
}

/** A clone whose main has this schema. */
async function clone(schema: string): Promise<string> {
  const folder = await archive(schema);
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await commit(folder);
  return folder;
}

async function check(folder: string): Promise<{ code: number; output: string }> {
  const { PATH = '' } = process.env;
  const script = path.resolve('scripts/breaking-changes.ts');
  const env = { PATH, HOME: folder, GIT_CEILING_DIRECTORIES: tmpdir() };
  return new Promise((resolve) => {
    execFile(path.resolve('node_modules/.bin/tsx'), [script], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

describe.concurrent('the check for breaking changes', { timeout: 60_000 }, () => {
  it('refuses a field that went since main, and says how to announce it', async () => {
    const folder = await clone(WITH_CITY);
    await git(folder, 'switch', '--quiet', '--create', 'work');
    await write(folder, WITHOUT_CITY);
    await commit(folder);
    const { code, output } = await check(folder);
    expect(code).toBe(2);
    expect(output).toContain('is compared with main: 1 unannounced breaking changes.');
    expect(output).toContain(`BREAKING: ${REMOVAL}`);
    expect(output).toContain(`- \`${REMOVAL}\``);
  });

  it('accepts what CHANGELOG.md announces, over line breaks too, and nothing beside it', async () => {
    const folder = await clone(WITH_CITY);
    await write(folder, 'type Query { company: Company }\ntype Company { name: String! }\n');
    await announce(folder, `## [Unreleased]\n- \`Company.city\n  was removed.\` Read the region.\n`);
    expect(await check(folder)).toMatchObject({ code: 2, output: expect.stringContaining('BREAKING: Query.city') });
    await announce(folder, `## [Unreleased]\n- \`${REMOVAL}\`\n- \`Query.city was removed.\`\n`);
    expect(await check(folder)).toMatchObject({ code: 0, output: expect.stringContaining(`announced: ${REMOVAL}`) });
  });

  it('takes an announcement of an earlier release for an old story', async () => {
    const folder = await clone(WITH_CITY);
    await announce(folder, `## [0.1.0]\n- \`${REMOVAL}\`\n`);
    await commit(folder);
    await write(folder, WITHOUT_CITY);
    expect((await check(folder)).code).toBe(2);
    await announce(folder, `## [Unreleased]\n- \`${REMOVAL}\`\n## [0.1.0]\n- \`${REMOVAL}\`\n`);
    expect((await check(folder)).code).toBe(0);
  });

  it('compares with the last tag once there is one, whatever main has since', async () => {
    const folder = await clone(WITH_CITY);
    await git(folder, 'tag', 'v0.1.0');
    await write(folder, WITHOUT_CITY);
    await commit(folder);
    const { code, output } = await check(folder);
    expect(code).toBe(2);
    expect(output).toContain('is compared with the tag v0.1.0: 1 unannounced');
  });

  it('does not take what main has gained meanwhile for a loss', async () => {
    const folder = await clone(WITHOUT_CITY);
    await git(folder, 'branch', 'work');
    await write(folder, WITH_CITY);
    await commit(folder);
    await git(folder, 'switch', '--quiet', 'work');
    expect(await check(folder)).toMatchObject({ code: 0, output: expect.stringContaining('no unannounced') });
  });

  it('tells dangerous changes and lets them pass', async () => {
    const folder = await clone('type Query { unit: Unit }\nenum Unit { KG }\n');
    await write(folder, 'type Query { unit: Unit }\nenum Unit { KG, TONNE }\n');
    const { code, output } = await check(folder);
    expect(code).toBe(0);
    expect(output).toContain('dangerous: TONNE was added to enum type Unit.');
  });

  it('finds main of the origin in a clone that has only a branch', async () => {
    const origin = await clone(WITH_CITY);
    const folder = await archive(WITHOUT_CITY);
    const copy = path.join(folder, 'copy');
    await git(folder, 'clone', '--quiet', origin, copy);
    await git(copy, 'switch', '--quiet', '--create', 'work');
    await git(copy, 'branch', '--delete', '--force', 'main');
    await write(copy, WITHOUT_CITY);
    expect(await check(copy)).toMatchObject({ code: 2, output: expect.stringContaining('with origin/main') });
  });

  it('says that a shallow clone of a branch has nothing to compare with', async () => {
    const origin = await clone(WITH_CITY);
    await git(origin, 'switch', '--quiet', '--create', 'work');
    await commit(origin);
    const folder = await archive(WITHOUT_CITY);
    const copy = path.join(folder, 'copy');
    await git(folder, 'clone', '--quiet', '--depth=1', '--branch=work', `file://${origin}`, copy);
    await write(copy, WITHOUT_CITY);
    const { code, output } = await check(copy);
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output:
        'schema.graphql is compared with nothing: the clone has neither a tag nor main; fetch one of them to compare.',
    });
  });

  it.each<[string, () => Promise<string>, string]>([
    ['an unpacked archive', () => archive(WITH_CITY), 'git finds no clone around it.'],
    [
      'a folder before its first commit',
      async () => {
        const folder = await archive(WITH_CITY);
        await git(folder, 'init', '--quiet', '--initial-branch=main');
        return folder;
      },
      'the clone has neither a tag nor main; fetch one of them to compare.',
    ],
    [
      'a clone of something else',
      async () => {
        const folder = await clone(WITH_CITY);
        await git(folder, 'rm', '--quiet', 'schema.graphql');
        await git(folder, 'commit', '--quiet', '--amend', '--allow-empty', '--message', 'Begin');
        await write(folder, WITH_CITY);
        return folder;
      },
      'main has none.',
    ],
  ])('says why %s has nothing to compare with', async (_, prepare, reason) => {
    const { code, output } = await check(await prepare());
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: `schema.graphql is compared with nothing: ${reason}`,
    });
  });
});
