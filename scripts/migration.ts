/**
 * `npm run db:migration -- <name>` writes prisma/migrations/<timestamp>_<name>/migration.sql: the SQL that takes the
 * migrations so far to the models. `--check` writes nothing and exits 2 when the two disagree.
 *
 * Prisma's schema engine runs as WASM with an in-memory PostgreSQL (PGlite) as its shadow database, so that neither a
 * downloaded engine nor a server is needed.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

/** Node's own types leave this out, and those of the browser would let all its names in. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

const schemaDirectory = path.resolve('prisma');
const migrationsDirectory = path.join(schemaDirectory, 'migrations');

/** pglite-prisma-adapter 0.7.2 does not wait for a script to end, which would lose the errors of a migration. */
class ShadowDatabase extends PrismaPGlite {
  readonly #database: PGlite;

  constructor(database: PGlite) {
    super(database);
    this.#database = database;
  }

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#database.exec(script);
    };
    return adapter;
  }

  override connectToShadowDb() {
    return new ShadowDatabase(new PGlite()).connect();
  }
}

async function loadEngine() {
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const wasm = await readFile(entry.replace(/schema_engine\.js$/, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engine.SchemaEngine;
}

async function readModels(): Promise<[path: string, content: string][]> {
  const names = (await readdir(schemaDirectory)).filter((name) => name.endsWith('.prisma'));
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const file = path.join(schemaDirectory, name);
      return [file, await readFile(file, 'utf8')];
    }),
  );
}

async function readMigrations() {
  const entries = await readdir(migrationsDirectory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: await readFile(path.join(migrationsDirectory, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
}

/** The SQL from the migrations to the models; `undefined` when they agree. */
async function difference(): Promise<string | undefined> {
  const SchemaEngine = await loadEngine();
  const models = await readModels();
  const adapter = bindMigrationAwareSqlAdapterFactory(new ShadowDatabase(new PGlite()));
  const engine = await SchemaEngine.new({ datamodels: models }, () => {}, adapter);
  const request = {
    from: {
      tag: 'migrations',
      baseDir: migrationsDirectory,
      lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
      shadowDbInitScript: '',
      migrationDirectories: await readMigrations(),
    },
    to: { tag: 'schemaDatamodel', files: models.map(([file, content]) => ({ path: file, content })) },
    script: true,
    exitCode: true,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  };
  try {
    const result = await engine.diff(request as Parameters<typeof engine.diff>[0]);
    return result.exitCode === 0 ? undefined : (result.stdout ?? '');
  } catch (error) {
    throw realError(error as Error, adapter.errorRegistry) ?? error;
  }
}

/** An error of the JavaScript side crosses the WASM boundary as "External error id#N". */
function realError(error: Error, registry: { consumeError(id: number): unknown }): unknown {
  const id = /External error id#(\d+)/.exec(error.message)?.[1];
  const entry = id === undefined ? undefined : registry.consumeError(Number(id));
  return (entry as { error?: unknown } | undefined)?.error ?? entry;
}

async function write(name: string, sql: string): Promise<string> {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = path.join(migrationsDirectory, `${stamp}_${name}`);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'migration.sql'), sql);
  return path.relative('.', directory);
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const [name] = positionals;
if (!values.check && (name === undefined || !/^[a-z0-9_]+$/.test(name))) {
  console.error('Name the migration in lower snake case: npm run db:migration -- add_company_size');
  process.exit(1);
}
const sql = await difference();
if (sql === undefined) {
  console.log('The models and the migrations agree.');
} else if (values.check) {
  console.log(`The models and the migrations disagree; npm run db:migration -- <name> writes this:\n\n${sql}`);
} else {
  console.log(
    `Wrote ${await write(name ?? '', sql)}/migration.sql. Add what Prisma cannot say: policies, grants, checks.`,
  );
}
process.exit(sql !== undefined && values.check ? 2 : 0); // the engine's WASM instance would keep the process alive
