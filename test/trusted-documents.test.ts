import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { documentHash, readManifest } from '../src/trusted-documents.ts';
import { useApi } from './api.ts';
import { spawnGateway } from './gateway-process.ts';
import { company, tenant } from './given.ts';

const READ = 'query Read($id: ID!) { node(id: $id) { id } }';
const CREATE =
  'mutation Create($name: String!) { createCompany(input: {name: $name, country: "DE"}) { company { id } } }';
const COUNT = '{ companies { totalCount } }';

const folder = mkdtempSync(path.join(tmpdir(), 'gateway-manifest-'));
afterAll(() => rmSync(folder, { recursive: true }));

function manifestFile(name: string, contents: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, contents);
  return file;
}
const entries = (...texts: string[]) =>
  JSON.stringify(Object.fromEntries(texts.map((text) => [documentHash(text), text])));

describe('a server with trusted documents', () => {
  const api = useApi({ SUBGRAPH: 'off', TRUSTED_DOCUMENTS: manifestFile('good.json', entries(READ, CREATE)) });
  const mine = tenant();
  const post = (body: object) => api.as(mine).post(body);
  const create = async () => {
    const { body } = await post({ documentId: documentHash(CREATE), variables: { name: 'Mine' } });
    return (body.data as { createCompany: { company: { id: string } } }).createCompany.company.id;
  };

  it.each([
    ['documentId', (hash: string) => ({ documentId: hash })],
    ['documentId with the name of the algorithm', (hash: string) => ({ documentId: `sha256:${hash}` })],
    ['documentId in capitals', (hash: string) => ({ documentId: hash.toUpperCase() })],
    ["Apollo's extension", (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })],
  ])('runs one named by %s, with variables', async (_, named) => {
    const id = await create();
    const { status, body } = await post({ ...named(documentHash(READ)), variables: { id } });
    expect([status, body]).toEqual([200, { data: { node: { id } } }]);
  });

  it('runs one by GET, if it reads', async () => {
    const id = await create();
    const headers = { authorization: `Bearer ${await api.as(mine).token()}` };
    const get = async (parameters: Record<string, string>) =>
      fetch(`${api.url}?${new URLSearchParams(parameters)}`, { headers });
    const variables = JSON.stringify({ id });
    expect(await (await get({ documentId: documentHash(READ), variables })).json()).toEqual({ data: { node: { id } } });
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: documentHash(READ) } });
    expect(await (await get({ extensions, variables })).json()).toEqual({ data: { node: { id } } });
    expect((await get({ documentId: documentHash(CREATE), variables: '{"name":"X"}' })).status).toBe(405);
  });

  it('runs the trusted text whatever other text comes with its hash', async () => {
    const id = await create();
    const { body } = await post({ documentId: documentHash(READ), query: COUNT, variables: { id } });
    expect(body).toEqual({ data: { node: { id } } });
  });

  it.each([
    ['text', { query: COUNT }],
    ['a trusted text without its hash', { query: READ, variables: { id: 'x' } }],
    ['nothing', {}],
    ['another hash', { documentId: documentHash(COUNT) }],
    ['another hash with its text', { documentId: documentHash(COUNT), query: COUNT }],
    ["another hash with its text, as Apollo's clients register one", persisted(COUNT, documentHash(COUNT))],
    ['a trusted text with another hash', persisted(READ, documentHash(COUNT))],
    ['an empty ID', { documentId: '' }],
    ['half a hash', { documentId: documentHash(READ).slice(0, 32) }],
    ['a hash with a space', { documentId: ` ${documentHash(READ)}` }],
    ['another algorithm', { documentId: `md5:${documentHash(READ)}` }],
    ['__proto__', { documentId: '__proto__' }],
    ['constructor', { documentId: 'constructor', query: COUNT }],
    ['toString', { documentId: 'toString' }],
    ['a path', { documentId: '../../etc/passwd' }],
    ['a number', { documentId: 1 }],
    ['a list', { documentId: [documentHash(READ)] }],
    ['an object', { documentId: { toString: documentHash(READ) } }],
    ['null, and text', { documentId: null, query: COUNT }],
    ['an extension that is none', { query: COUNT, extensions: { persistedQuery: 'x' } }],
    ['a null extension', { query: COUNT, extensions: { persistedQuery: null } }],
    ['introspection', { query: '{ __schema { types { name } } }' }],
  ])('refuses %s, and nothing runs', async (_, body) => {
    const statements = await api.statementsOf(async () => {
      const answer = await post(body);
      expect(answer.status).toBe(400);
      expect(answer.body.data).toBeUndefined();
      expect(answer.body.errors).toMatchObject([{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }]);
    });
    expect(statements).toEqual([]);
  });

  it.each([
    ['a text as the extensions', '{"extensions":"x","query":"{ a }"}'],
    ['a list as the extensions', '{"extensions":[],"query":"{ a }"}'],
    ['null as the extensions', '{"extensions":null,"query":"{ a }"}'],
    [
      '__proto__ in the extensions',
      `{"extensions":{"__proto__":{"persistedQuery":{"sha256Hash":"${documentHash(READ)}"}}}}`,
    ],
    ['__proto__ beside them', `{"__proto__":{"documentId":"${documentHash(READ)}"}}`],
  ])('refuses %s', async (_, body) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await api.as(mine).token()}` };
    const answer = await fetch(api.url, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] });
  });

  it('answers variables of another tenant as those of nobody', async () => {
    const id = await create();
    const other = api.as(tenant());
    const ask = (value: string) => other.post({ documentId: documentHash(READ), variables: { id: value } });
    const nobody = `Company:${tenant()}`;
    const [theirs, none] = [(await ask(id)).body, (await ask(nobody)).body];
    expect(theirs).toEqual({ data: { node: null } });
    expect(theirs).toEqual(none);
  });

  it('asks for a token first', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(api.url, { method: 'POST', headers, body: JSON.stringify({ query: COUNT }) });
    expect(answer.status).toBe(401);
  });
});

function persisted(query: string, sha256Hash: string) {
  return { query, extensions: { persistedQuery: { version: 1, sha256Hash } } };
}

describe('a server without trusted documents', () => {
  const api = useApi();

  it('takes any text, and asks for one when it is given a hash alone', async () => {
    const client = api.as(tenant());
    await company(client);
    expect((await client.post({ query: COUNT })).body.data).toEqual({ companies: { totalCount: 1 } });
    const { status, body } = await client.post({ documentId: documentHash(COUNT) });
    expect(status).toBe(200);
    expect(body.errors).toMatchObject([{ message: 'Must provide query string.' }]);
  });
});

describe('a manifest', () => {
  it.each([
    ['is missing', path.join(folder, 'missing.json'), /which cannot be read: name a file that there is\.$/],
    ['is a folder', folder, /which cannot be read/],
    ['is not JSON', manifestFile('text.json', 'nonsense'), /is no manifest: write it with npm run documents/],
    ['is a list', manifestFile('list.json', '[]'), /is no manifest/],
    ['is null', manifestFile('null.json', 'null'), /is no manifest/],
    ['has a number', manifestFile('number.json', `{"${documentHash(READ)}":1}`), /is no manifest/],
    ['has a name for a hash', manifestFile('name.json', JSON.stringify({ Read: READ })), /is no manifest/],
    ['has another text', manifestFile('other.json', JSON.stringify({ [documentHash(READ)]: COUNT })), /another text/],
    ['has a text that is not GraphQL', manifestFile('bad.json', entries('{ viewer')), /is not GraphQL: correct it/],
  ])('that %s is refused with one sentence', async (_, file, sentence) => {
    const problem = await readManifest(file).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    expect(problem).toMatch(sentence);
    expect(problem).toMatch(/^[^\n]+\.$/);
  });

  it('that is wrong stops the start', async () => {
    const EMBEDDED_PG_DIR = path.join(folder, 'never-made');
    const TRUSTED_DOCUMENTS = path.join(folder, 'missing.json');
    const gateway = spawnGateway({ EMBEDDED_PG_DIR, SUBGRAPH: 'off', TRUSTED_DOCUMENTS });
    expect(await gateway.exit).toBe(1);
    expect(gateway.output()).toBe(
      `TRUSTED_DOCUMENTS is "${TRUSTED_DOCUMENTS}", which cannot be read: name a file that there is.\n`,
    );
  });

  it('is of no use while a subgraph takes any document from anyone', () => {
    const settings = { JWT_SECRET: 'x'.repeat(32), TRUSTED_DOCUMENTS: 'documents.json' };
    expect(() => parseEnv(settings)).toThrow(
      'ROUTER_SECRET is not set: with TRUSTED_DOCUMENTS set it, or SUBGRAPH=off, or any document could be sent to /subgraph.',
    );
    expect(parseEnv({ ...settings, SUBGRAPH: 'off' }).trustedDocumentsFile).toBe('documents.json');
    expect(parseEnv({ ...settings, ROUTER_SECRET: 's'.repeat(32) }).trustedDocumentsFile).toBe('documents.json');
  });

  it('trusts nothing under the name __proto__', async () => {
    const file = manifestFile('proto.json', `{"__proto__":"${COUNT}"}`);
    expect(await readManifest(file)).toEqual(new Map());
  });

  it('of the examples is one', async () => {
    await expect(readManifest('documents.json')).resolves.toBeInstanceOf(Map);
  });
});
