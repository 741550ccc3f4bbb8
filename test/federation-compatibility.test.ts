/** Apollo's subgraph compatibility tests, as published, against their products subgraph made of our parts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { useTracing } from '../src/http/use-tracing.ts';
import type { Subgraph } from './composition.ts';
import { GATEWAYS, listen, type Running } from './gateways.ts';
import { createProductsSchema, productsSdl } from './products.ts';

const require = createRequire(import.meta.url);
const folder = path.dirname(require.resolve('@apollo/federation-subgraph-compatibility-tests'));
const FILES = [
  ['composeDirective', 'ftv1', 'inaccessible', 'interfaceObject', 'introspection', 'key'],
  ['link', 'override', 'provides', 'requires', 'shareable', 'tag'],
].flat();

/** The tests have their addresses built in. */
const PORTS = { gateway: 4000, products: 4001, users: 4002, inventory: 4003 };

let products: Running | undefined;
const processes: ChildProcess[] = [];
const subgraphs: Subgraph[] = [];

beforeAll(async () => {
  const yoga = createYoga({
    schema: createProductsSchema(),
    graphqlEndpoint: '/',
    plugins: [useTracing(createProductsSchema)],
    logging: false,
  });
  products = await listen(createServer(yoga), PORTS.products);
  subgraphs.push({ name: 'products', url: products.url, sdl: productsSdl });
  for (const name of ['users', 'inventory'] as const) subgraphs.push(await startShipped(name));
}, 120_000);

afterAll(async () => {
  for (const process of processes) process.kill();
  await products?.stop();
});

describe.each(Object.entries(GATEWAYS))('behind %s', (_, start) => {
  let gateway: Running | undefined;
  let registered = 0;
  beforeAll(async () => {
    gateway = await start(subgraphs, PORTS.gateway);
  });
  afterAll(() => gateway?.stop());

  vi.stubGlobal('describe', describe);
  vi.stubGlobal('expect', expect);
  for (const name of ['test', 'it']) {
    vi.stubGlobal(name, (title: string, run: () => Promise<void>) => {
      registered += 1;
      it(title, run);
    });
  }
  for (const name of FILES) {
    const file = path.join(folder, 'tests', `${name}.test.js`);
    delete require.cache[file];
    require(file);
  }

  it('are all of the tests there are', () => {
    expect(registered).toBe(23);
  });
});

/** Starts a subgraph that the tests ship. @throws when its port is taken. */
async function startShipped(name: 'users' | 'inventory'): Promise<Subgraph> {
  const port = PORTS[name];
  await (await listen(createServer(), port)).stop();
  const own = path.join(folder, 'subgraphs', name);
  const child = spawn(process.execPath, ['index.js'], { cwd: own, stdio: ['ignore', 'pipe', 'pipe'] });
  processes.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`The subgraph ${name} ended with code ${code}.`)));
  });
  const sdl = await readFile(path.join(own, `${name}.graphql`), 'utf8');
  return { name, url: `http://127.0.0.1:${port}/`, sdl };
}
