/** The client as a frontend gets it: packed, installed into an empty TypeScript project, type-checked and run. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { DEMO_TENANT, loadDemoInto } from './demo.ts';

const api = useApi();
const run = promisify(execFile);
const TSC = path.resolve('node_modules/.bin/tsc');
let project: string;

/** What a frontend has: strict types, no types of Node.js but for its own arguments, and the packages of its codegen. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: ['node'],
    typeRoots: [path.resolve('node_modules/@types')],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: 'out',
  },
  files: ['use.ts', 'README.ts', 'client-README.ts'],
};

/** The TypeScript that a README prints. */
async function snippetOf(readme: string): Promise<string> {
  const [, snippet] = /^```ts\n(.*?)^```$/ms.exec(await readFile(readme, 'utf8')) ?? [];
  if (snippet === undefined) throw new Error(`${readme} prints no TypeScript.`);
  return snippet;
}

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'client-package-'));
  const write = (file: string, contents: object) => writeFile(path.join(project, file), JSON.stringify(contents));
  await write('package.json', { name: 'a-frontend', private: true, type: 'module' });
  await write('tsconfig.json', TSCONFIG);
  await write('tsconfig.mistakes.json', { extends: './tsconfig.json', files: ['mistakes.ts'] });
  for (const file of ['use.ts', 'mistakes.ts']) await copyFile(`test/client-package/${file}`, path.join(project, file));
  await writeFile(path.join(project, 'README.ts'), await snippetOf('README.md'));
  await writeFile(path.join(project, 'client-README.ts'), await snippetOf('client/README.md'));
  await copyFile('test/gql/graphql.ts', path.join(project, 'documents.ts'));

  await run('npm', ['pack', '--pack-destination', project], { cwd: 'client' });
  const packed = (await readdir(project)).find((file) => file.endsWith('.tgz'));
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${packed}`];
  await run('npm', install, { cwd: project });
  await mkdir(path.join(project, 'node_modules/@graphql-typed-document-node'));
  for (const name of ['@graphql-typed-document-node/core', 'graphql'])
    await symlink(path.resolve('node_modules', name), path.join(project, 'node_modules', name));

  await loadDemoInto(api);
}, 120_000);
afterAll(() => rm(project, { recursive: true, force: true }));

describe('the packed client', () => {
  it('is a package of its compiled files, without dependencies', async () => {
    const installed = path.join(project, 'node_modules/@carbon-gateway/client');
    const files = await readdir(installed, { recursive: true });
    expect(files.filter((file) => !/^dist(\/[a-z]+(\.d\.ts|\.js))?$/.test(file)).sort()).toEqual([
      'README.md',
      'package.json',
    ]);
    const manifest = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'));
    expect([manifest.dependencies, manifest.peerDependencies]).toEqual([undefined, undefined]);
    const lock = JSON.parse(await readFile(path.join(project, 'package-lock.json'), 'utf8'));
    expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/@carbon-gateway/client']);
  });

  it('type-checks in a project of its own, with what the READMEs print, and works there', async () => {
    await run(TSC, ['-p', 'tsconfig.json'], { cwd: project });
    const token = await api.as(DEMO_TENANT).token();
    const { stdout } = await run(process.execPath, ['out/use.js', api.url, token], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ totalCount: 8, versions: [1], names: 8 });
  });

  it('lets the compiler find each mistake, and nothing else', async () => {
    const lines = (await readFile('test/client-package/mistakes.ts', 'utf8')).split('\n');
    const marked = lines.flatMap((line, index) => (line.endsWith('// mistake') ? [index + 1] : []));
    const checked = run(TSC, ['-p', 'tsconfig.mistakes.json', '--noEmit'], { cwd: project });
    const { stdout } = await checked.catch((error: { stdout: string }) => error);
    const found = [...stdout.matchAll(/^(\S+)\((\d+),/gm)].map(([, file, line]) => [file, Number(line)]);
    expect(found).toEqual(marked.map((line) => ['mistakes.ts', line]));
  });
});
