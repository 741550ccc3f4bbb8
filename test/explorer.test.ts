import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createSchema, createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExplorer } from '../src/http/explorer.ts';
import { readExamples } from '../src/http/explorer-content.ts';
import { listenOnLoopback } from './loopback.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

const examples = readExamples();
let tokensMade = 0;
const servers: ReturnType<typeof createServer>[] = [];
let port = 0;

/** A gateway with one field behind the explorer; its port. */
async function start(developmentToken?: () => Promise<string>): Promise<number> {
  const yoga = createYoga({
    graphiql: false,
    landingPage: false,
    logging: false,
    schema: createSchema({ typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'hi' } } }),
    plugins: [createExplorer({ endpoint: '/graphql', developmentToken })],
  });
  const server = createServer(yoga);
  servers.push(server);
  return listenOnLoopback(server);
}

/** GET over a plain socket: `fetch` would choose `Host` and decompress. */
function get(path: string, headers: Record<string, string> = {}, onPort = port): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: onPort, path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    })
      .on('error', reject)
      .end();
  });
}

const getPage = (headers: Record<string, string> = {}, onPort = port) =>
  get('/graphql', { accept: 'text/html,application/xhtml+xml', ...headers }, onPort);

type Tab = { query: string; variables: string; headers: string };
type Settings = {
  graphiql: { endpoint: string; initialHeaders: string; defaultHeaders: string; defaultTabs: Tab[] };
  workers: Record<string, string>;
};

function settingsOf(page: Answer): Settings {
  const [, json] = /<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(String(page.body)) ?? [];
  return JSON.parse(json ?? '');
}

/** Every address that a browser would load for the page: attributes, style sheets and workers. */
function addressesIn(page: Answer): string[] {
  const attributes = [...String(page.body).matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
  return [...attributes, ...Object.values(settingsOf(page).workers)];
}

const filesOf = (page: Answer) => addressesIn(page).filter((address) => !address.startsWith('data:'));

beforeAll(async () => {
  port = await start(async () => `token-${++tokensMade}`);
});
afterAll(() => {
  for (const server of servers) server.close();
});

describe('the page', () => {
  test('opens without a token, is kept by nobody and allows only its own origin', async () => {
    const page = await getPage();
    expect(page.status).toBe(200);
    expect(String(page.body)).toContain('<title>Carbon gateway</title>');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  });

  test('names no other host, in itself and in its style sheet', async () => {
    const page = await getPage();
    const files = filesOf(page);
    expect(files).toHaveLength(9);
    for (const file of files)
      expect(file).toMatch(/^\/graphql\/assets\/[0-9a-f]{16}\/[a-zA-Z.]+\.(js|css|md|graphql)$/);

    const sheets = files.filter((file) => file.endsWith('.css'));
    expect(sheets).toHaveLength(2);
    for (const sheet of sheets) {
      const css = String((await get(sheet)).body);
      for (const [, address] of css.matchAll(/url\(['"]?([^'")]*)/g)) expect(address).toMatch(/^(data:|#)/);
      expect(css).not.toContain('@import');
    }
  });

  test('sends queries to the endpoint and opens a tab for each example, with its variables', async () => {
    for (const onPort of [port, await start()]) {
      const { graphiql } = settingsOf(await getPage({}, onPort));
      expect(graphiql.endpoint).toBe('/graphql');
      expect(graphiql.defaultTabs).toHaveLength(examples.length);
      for (const [position, { document, variables = '' }] of examples.entries()) {
        const tab = graphiql.defaultTabs[position];
        expect(tab).toMatchObject({ variables, headers: graphiql.initialHeaders });
        expect(tab?.query.endsWith(document)).toBe(true);
      }
    }
  });

  test('links to the README and the schema', async () => {
    for (const name of ['README.md', 'schema.graphql']) {
      const link = filesOf(await getPage()).find((file) => file.endsWith(`/${name}`)) ?? '';
      expect(String((await get(link)).body)).toBe(await readFile(name, 'utf8'));
    }
  });

  test.each(['/', '/graphql/'])('is where a browser at %s is sent, and nobody else', async (path) => {
    const { status, headers } = await get(`${path}?query={hello}`, { accept: 'text/html' });
    expect({ status, location: headers.location }).toEqual({ status: 302, location: '/graphql?query={hello}' });
    expect((await get(`${path}?query={hello}`, { accept: 'application/json' })).status).not.toBe(302);
  });

  test('leaves GraphQL over GET and POST alone', async () => {
    const answer = await get('/graphql?query={hello}', { accept: 'application/json' });
    expect(JSON.parse(String(answer.body))).toEqual({ data: { hello: 'hi' } });
    const posted = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/html, application/json' },
      body: '{"query":"{hello}"}',
    });
    expect(await posted.json()).toEqual({ data: { hello: 'hi' } });
  });

  test('cannot be broken out of by what it is given', async () => {
    const nasty = '</script><script>alert(1)</script><!-- \u2028\u2029';
    const page = await getPage({}, await start(async () => nasty));
    const html = String(page.body);
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    expect(html).not.toMatch(/alert\(1\)<|<!--|\u2028|\u2029/);
    expect(JSON.parse(settingsOf(page).graphiql.initialHeaders)).toEqual({ Authorization: `Bearer ${nasty}` });
  });
});

describe('the development token', () => {
  test.each(['localhost', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000'])('is in the page for %s', async (host) => {
    const { graphiql } = settingsOf(await getPage({ host, 'sec-fetch-dest': 'document' }));
    const headers = JSON.stringify({ Authorization: `Bearer token-${tokensMade}` }, null, 2);
    expect(graphiql).toMatchObject({ initialHeaders: headers, defaultHeaders: headers, shouldPersistHeaders: false });
  });

  test.each([
    ['192.168.0.9', false],
    ['::ffff:10.0.0.1', false],
    ['::ffff:127.0.0.1', true],
  ])('for a visitor from %s who says localhost: %s', async (remoteAddress, given) => {
    const yoga = createYoga<{ req: { socket: { remoteAddress: string } } }>({
      graphiql: false,
      plugins: [createExplorer({ endpoint: '/graphql', developmentToken: async () => 'token-of-this-machine' })],
    });
    const page = await yoga.fetch(
      'http://localhost/graphql',
      { headers: { accept: 'text/html' } },
      { req: { socket: { remoteAddress } } },
    );
    expect((await page.text()).includes('token-of-this-machine')).toBe(given);
  });

  test('is made anew for each view', async () => {
    const [first, second] = [settingsOf(await getPage()), settingsOf(await getPage())];
    expect(first.graphiql.initialHeaders).not.toBe(second.graphiql.initialHeaders);
  });

  test.each([
    ['a foreign host (DNS rebinding)', { host: 'evil.example' }],
    ['a host that only starts like this one', { host: 'localhost.evil.example:4000' }],
    ['an address of the network', { host: '192.168.0.7:4000' }],
    ['a script of another origin', { origin: 'https://evil.example' }],
    ['a request that is no navigation', { 'sec-fetch-dest': 'empty' }],
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
    ['a proxy', { 'x-forwarded-for': '203.0.113.9' }],
  ])('is neither made nor sent for %s', async (_, headers) => {
    const before = tokensMade;
    const page = await getPage({ host: 'localhost', ...headers });
    expect(page.status).toBe(200);
    expect(tokensMade).toBe(before);
    expect(String(page.body)).not.toContain('token-');
    expect(settingsOf(page).graphiql.initialHeaders).toBe('');
  });

  test('is missing from the page of a server that makes none, which says how to get one', async () => {
    const { graphiql } = settingsOf(await getPage({}, await start()));
    expect(graphiql.initialHeaders).toBe('');
    expect(graphiql.defaultTabs[0]?.query).toContain('npm run --silent token -- --tenant <uuid>');
  });
});

describe('the files', () => {
  const TYPES: Record<string, string> = { '.js': 'javascript', '.css': 'css', '.md': 'plain', '.graphql': 'plain' };

  test('are compressed as the browser asks, and kept for good', async () => {
    const files = filesOf(await getPage());
    let firstVisit = 0;
    for (const file of files) {
      const plain = await get(file);
      const brotli = await get(file, { 'accept-encoding': 'gzip, deflate, br, zstd' });
      const gzip = await get(file, { 'accept-encoding': 'gzip, br;q=0' });
      firstVisit += brotli.body.length;

      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(brotli.headers['content-encoding']).toBe('br');
      expect(gzip.headers['content-encoding']).toBe('gzip');
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
      expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
      for (const { status, headers } of [plain, brotli, gzip]) {
        expect(status).toBe(200);
        expect(headers).toMatchObject({
          'content-type': `text/${TYPES[file.slice(file.lastIndexOf('.'))]}; charset=utf-8`,
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
        });
        expect(headers.vary?.toLowerCase()).toContain('accept-encoding');
      }
    }
    expect(firstVisit).toBeLessThan(2_300_000);
  });

  test.each([
    '/graphql/assets/',
    '/graphql/assets/graphiql.js',
    '/graphql/assets/0000000000000000/graphiql.js',
    '/graphql/assets/../../package.json',
  ])('%s is not one of them', async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});
