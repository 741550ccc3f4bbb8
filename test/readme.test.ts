/** The README is held to what it tells of; what it prints of examples and errors is held elsewhere, beside those. */
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { schema } from '../src/schema.ts';

let readme = '';
beforeAll(async () => {
  readme = await readFile('README.md', 'utf8');
});

/** The cells of the first table after a heading. */
function tableAfter(heading: string): string[][] {
  const [, section = ''] = readme.split(`\n${heading}\n`);
  const [, table = ''] = /((?:^\|.*\n)+)/m.exec(`${section}\n`) ?? [];
  const rows = table.split('\n').slice(2, -1);
  return rows.map((row) => row.slice(2, -2).split(' | '));
}

/** What stands between backticks. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

describe('the table of settings', () => {
  const rows = () =>
    tableAfter('### Settings').map(([names = '', defaults = '']) => ({ names: quoted(names), defaults }));

  it('has every variable that is read, and no other', async () => {
    const files = (await readdir('src')).filter((file) => /^env.*\.ts$/.test(file));
    const sources = await Promise.all(files.map((file) => readFile(`src/${file}`, 'utf8')));
    const variables = sources.flatMap((text) => [...text.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name));
    expect(variables.length).toBeGreaterThan(40);
    expect(
      rows()
        .flatMap(({ names }) => names)
        .sort(),
    ).toEqual(variables.sort());
  });

  it('says the defaults: to set a variable to its own changes nothing', () => {
    const literal = rows().filter(({ defaults }) => /^`[^`]+`(, `[^`]+`)*$/.test(defaults));
    const settings = literal.flatMap(({ names, defaults }) => {
      const values = quoted(defaults);
      expect([names, values.length]).toEqual([names, names.length]);
      return names.map((name, index) => [name, values[index]]);
    });
    expect(settings.length).toBeGreaterThan(20);
    for (const [name = '', value] of settings)
      expect([name, parseEnv({ [name]: value })]).toEqual([name, parseEnv({})]);
  });
});

describe('the table of rooms', () => {
  const rooms = () => tableAfter('### How a request flows').flatMap(([names = '']) => quoted(names));

  it('has every file and folder of src/', async () => {
    const entries = await readdir('src', { withFileTypes: true });
    const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    const told = new Set(rooms().map((room) => room.replace(/^src\//, '')));
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => name !== 'generated/' && !told.has(name))).toEqual([]);
  });

  it('has nothing that is not there', async () => {
    const names = new Set([...(await readdir('.')), ...(await readdir('src'))]);
    expect(rooms().filter((room) => !names.has(room.replace(/^src\/|\/$/g, '')))).toEqual([]);
  });
});

it('names every root field of the API', () => {
  const told = tableAfter('### The API at a glance')
    .map(([names = '']) => names)
    .join(' ');
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter((name) => !new RegExp(`\`${name}\\b`).test(told))).toEqual([]);
});

it.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])('%s names commands that there are', async (file) => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const text = await readFile(file, 'utf8');
  const commands = [...text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
