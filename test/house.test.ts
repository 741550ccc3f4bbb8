/** The rules of the house: who may import whom, and that what is generated agrees with its source. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

type Source = { file: string; text: string; imports: string[] };

/** Every file of a folder, with what it imports: files relative to the folder, packages by name. */
async function readSources(folder: string): Promise<Source[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts') && !name.startsWith('generated'));
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(folder, file), 'utf8');
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
    /^(http\/|budget\/|schema\.ts|viewer\.ts|env\.ts|builder\.ts|database\/client\.ts|graphql$|graphql-yoga|pino|node:http)/,
  ],
  [
    /^http\//,
    /^(http\/|limits\/|budget\/|errors\.ts|scopes\.ts|viewer\.ts|database\/failures\.ts|graphql$|graphql-yoga|@graphql-yoga\/|@apollo\/usage-reporting-protobuf$|pino|node:)/,
  ],
  [
    /^federation\//,
    /^(federation\/|(builder|errors|field-cost|global-id|scopes|viewer|write\/rules)\.ts$|@pothos\/(core|plugin-prisma)$|@graphql-tools\/utils$|graphql$)/,
  ],
  [/^database\//, /^(database\/|env\.ts|generated\/prisma\/|@prisma\/adapter-pg|pg$|zod$|dataloader$|node:)/],
  [/^limits\//, /^(limits\/|field-cost\.ts|graphql$)/],
  [/^budget\//, /^(budget\/|database\/tenant-pool\.ts|rate-limiter-flexible$)/],
  [/^env-jwt\.ts$/, /^(env-values|key-set-address)\.ts$|^(zod|node:crypto)$/],
  [/^env-(limits|values)\.ts$/, /^(env-values|limits\/exceeded|budget\/cost-budget)\.ts$|^zod$/],
  [/^write\//, /^(write\/|errors\.ts|global-id\.ts|database\/client\.ts|zod$|node:util)/],
  [/^list\/[a-z]+-types\.ts$/, /^(list\/|builder\.ts|batch\.ts|errors\.ts|field-cost\.ts|@pothos\/|graphql$)/],
  [/^list\//, /^(list\/|errors\.ts|global-id\.ts|write\/rules\.ts|node:crypto)/],
  [
    /^(builder|scalars|countries|errors|global-id|accepted-values|batch|scopes)\.ts$/,
    /^(builder|scalars|countries|viewer|errors|database\/client|generated\/.*)\.ts$|^(@pothos\/|graphql|i18n-iso-countries|dataloader)/,
  ],
  [
    /^(node|user-errors|writes|schema-fields|viewer-type)\.ts$/,
    /^(builder|errors|field-cost|global-id|node|user-errors|viewer|federation\/audience|write\/.*|database\/client)\.ts$|^(@pothos\/(core|plugin-prisma)|graphql)$/,
  ],
  [
    /^schema\.ts$/,
    /^(builder|accepted-values|viewer-type|node|federation\/(audience|subgraph-schema)|[a-z0-9-]+\/schema)\.ts$/,
  ],
  [
    /^([a-z0-9-]+)\/(schema|[a-z]+-types)\.ts$/,
    /^($1\/|list\/|federation\/|(builder|batch|scopes|errors|field-cost|global-id|node|user-errors|writes|schema-fields|generated\/prisma\/client)\.ts$|@pothos\/plugin-prisma$)/,
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
    sources = await readSources('src');
  });

  it('lets every file import from its own room and the rooms below it only', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(forbidden)).toEqual([]);
  });

  it('lets the client import its own files only, for it has no dependencies', async () => {
    const imports = (await readSources('client/src')).flatMap(({ imports }) => imports);
    expect(imports.length).toBeGreaterThan(3);
    expect(imports.filter((name) => !/^[a-z]+\.ts$/.test(name))).toEqual([]);
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

  it('has lint rules by which no text becomes SQL', async () => {
    const violations = [
      'db.$queryRawUnsafe(text)',
      'db?.$executeRawUnsafe(text)',
      "db['$queryRawUnsafe'](text)",
      'Prisma.raw(text)',
      'const { $queryRawUnsafe } = db',
      'const { $executeRawUnsafe: run } = db',
      "import pg from 'pg'",
      "await import('pg')",
    ];
    const folder = await mkdtemp(path.join(tmpdir(), 'gateway-lint-'));
    for (const [index, code] of [...violations, 'db.$queryRaw`SELECT 1`'].entries())
      await writeFile(path.join(folder, `${index}.ts`), `${code};\n`);
    const rules = ['--only=plugin', '--only=style/noRestrictedImports'];
    const from = ['--config-path=.', '--vcs-enabled=false', '--reporter=github'];
    const { stdout } = spawnSync('node_modules/.bin/biome', ['lint', ...rules, ...from, folder], { encoding: 'utf8' });
    await rm(folder, { recursive: true });
    const refused = new Set([...stdout.matchAll(/\/(\d+)\.ts,/g)].map(([, index]) => Number(index)));
    expect([...refused].sort()).toEqual([...violations.keys()]);
  });
});
