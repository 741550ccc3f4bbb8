/** The rules of the house: who may import whom, and that what is generated agrees with its source. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

type Source = { file: string; text: string; imports: string[] };

/** Every file of src/, with what it imports: files relative to src/, packages by name. */
async function readSources(): Promise<Source[]> {
  const names = await readdir('src', { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.startsWith('generated'));
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join('src', file), 'utf8');
      const statements = text.matchAll(
        /^(?:import|export)\b[^;'"]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
      );
      const specifiers = [...statements].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
      const imports = specifiers.map((name) => (name.startsWith('.') ? path.join(path.dirname(file), name) : name));
      return { file, text, imports };
    }),
  );
}

/** For each room, all that its files may import; the first pattern that fits a file counts. `$1` is the file's own folder. */
const RULES: [files: RegExp, mayImport: RegExp][] = [
  [/^(index|deploy)\.ts$/, /^(?!.*\/schema\.ts$)/],
  [
    /^app\.ts$/,
    /^(http\/|federation\/use-|schema\.ts|viewer\.ts|env\.ts|builder\.ts|database\/client\.ts|graphql$|graphql-yoga|pino|node:http)/,
  ],
  [
    /^http\//,
    /^(http\/|errors\.ts|scopes\.ts|viewer\.ts|database\/failures\.ts|graphql$|graphql-yoga|@graphql-yoga\/|pino|node:)/,
  ],
  [
    /^federation\//,
    /^(federation\/|(builder|errors|global-id|scopes|viewer|write\/rules)\.ts$|@pothos\/(core|plugin-prisma)$|@graphql-tools\/utils$|@apollo\/usage-reporting-protobuf$|graphql$|graphql-yoga$|node:crypto$)/,
  ],
  [/^database\//, /^(database\/|env\.ts|generated\/prisma\/|@prisma\/adapter-pg|pg$|zod$|dataloader$|node:)/],
  [/^write\//, /^(write\/|errors\.ts|global-id\.ts|database\/client\.ts|zod$|node:util)/],
  [/^list\/[a-z]+-types\.ts$/, /^(list\/|builder\.ts|batch\.ts|errors\.ts|@pothos\/|graphql$)/],
  [/^list\//, /^(list\/|errors\.ts|global-id\.ts|write\/rules\.ts|node:crypto)/],
  [
    /^(builder|scalars|countries|errors|global-id|enum-values|batch|scopes)\.ts$/,
    /^(builder|scalars|countries|viewer|errors|database\/client|generated\/.*)\.ts$|^(@pothos\/|graphql|i18n-iso-countries|dataloader)/,
  ],
  [
    /^(node|user-errors|writes|schema-fields|viewer-type)\.ts$/,
    /^(builder|errors|global-id|node|user-errors|viewer|federation\/audience|write\/.*|database\/client)\.ts$|^(@pothos\/(core|plugin-prisma)|graphql)$/,
  ],
  [
    /^schema\.ts$/,
    /^(builder|enum-values|viewer-type|node|federation\/(audience|subgraph-schema)|[a-z0-9-]+\/schema)\.ts$/,
  ],
  [
    /^([a-z0-9-]+)\/(schema|[a-z]+-types)\.ts$/,
    /^($1\/|list\/|federation\/|(builder|batch|scopes|errors|global-id|node|user-errors|writes|schema-fields|generated\/prisma\/client)\.ts$|@pothos\/plugin-prisma$)/,
  ],
  [
    /^([a-z0-9-]+)\/(operations|series)\.ts$/,
    /^($1\/|[a-z0-9-]+\/operations\.ts|write\/|database\/client\.ts|errors\.ts|generated\/prisma\/|node:util)/,
  ],
  [/^([a-z0-9-]+)\/keys\.ts$/, /^($1\/input\.ts|errors\.ts|global-id\.ts|write\/|generated\/prisma\/)/],
  [
    /^([a-z0-9-]+)\//,
    /^($1\/(?!schema|[a-z]+-types|operations|series)|write\/(rules|fields|written)\.ts|errors\.ts|zod$)/,
  ],
];

function forbidden({ file, imports }: Source): string[] {
  for (const [files, mayImport] of RULES) {
    const match = files.exec(file);
    if (!match) continue;
    const allowed = new RegExp(mayImport.source.replaceAll('$1', match[1] ?? ''));
    return imports.filter((name) => !allowed.test(name)).map((name) => `${file} imports ${name}`);
  }
  return [];
}

describe('the house', () => {
  let sources: Source[] = [];
  beforeAll(async () => {
    sources = await readSources();
  });

  it('lets every file import from its own room and the rooms below it only', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(forbidden)).toEqual([]);
  });

  it('keeps every type in one folder that the schema imports by one line', () => {
    const folders = sources.flatMap(({ file }) => /^([a-z0-9-]+)\/schema\.ts$/.exec(file)?.[1] ?? []);
    const schema = sources.find(({ file }) => file === 'schema.ts');
    expect(folders.length).toBeGreaterThan(0);
    for (const folder of folders)
      expect(schema?.imports.filter((name) => name.startsWith(`${folder}/`))).toEqual([`${folder}/schema.ts`]);
  });

  it('reads the environment only where the process begins', () => {
    const readers = sources.filter(({ text }) => text.includes('process.env')).map(({ file }) => file);
    expect(readers.sort()).toEqual(['deploy.ts', 'env.ts', 'index.ts']);
  });

  it('has no barrels, and no file named for effort', () => {
    const names = sources.map(({ file }) => file).filter((file) => file !== 'index.ts');
    expect(names.filter((name) => /(^|\/|-)(index|utils?|helpers?|services?|common|misc)(\.ts|\/)/.test(name))).toEqual(
      [],
    );
  });
});
