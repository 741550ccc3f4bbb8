/** What HTTP itself lets a client do: the GraphQL-over-HTTP specification's audits, and requests that no client means well. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { company, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';

const Count = graphql(`query HttpCount { companies { totalCount } }`);
const WHO = '{ viewer { subject } }';
const CREATE = 'mutation { createCompany(input: { name: "Forged", country: "DE" }) { company { id } } }';
const JSON_TYPE = { 'content-type': 'application/json' };

/** What every answer must say, whatever it answers. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'Origin',
  'x-frame-options': 'DENY',
};

describe("graphql-http's audits of servers", () => {
  const api = useApi();
  // Their names and number are known before the server is; the address is asked for by each audit.
  const fetchFn = async (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${await api.as(tenant()).token()}`);
    return fetch(url, { ...init, headers });
  };
  const audits = serverAudits({ url: () => api.url, fetchFn });

  it('are all there', () => {
    expect(audits).toHaveLength(60);
    expect(new Set(audits.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(['MUST', 'SHOULD', 'MAY']));
  });

  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn();
    if (result.status === 'ok') return;
    throw new Error(`${result.status}: ${result.reason} (HTTP ${result.response.status})`);
  });
});

describe('a request', () => {
  const api = useApi();
  const mine = tenant();
  const authorization = async () => ({ authorization: `Bearer ${await api.as(mine).token()}` });
  const send = async (init: RequestInit, path = '') =>
    fetch(`${api.url}${path}`, { ...init, headers: { ...(await authorization()), ...init.headers } });
  const count = async () => (await api.as(mine).ask(Count)).companies.totalCount;

  it.each([
    ['a form', 'application/x-www-form-urlencoded', new URLSearchParams({ query: CREATE }).toString()],
    ['a form with files', 'multipart/form-data; boundary=x', `--x\r\nname="query"\r\n\r\n${CREATE}\r\n--x--`],
    ['plain text', 'text/plain', JSON.stringify({ query: CREATE })],
    ['plain text in capitals', 'TEXT/PLAIN', JSON.stringify({ query: CREATE })],
    ['plain text in UTF-8', 'text/plain; charset=utf-8', JSON.stringify({ query: CREATE })],
    ['plain text that names JSON', 'text/plain; application/json', JSON.stringify({ query: CREATE })],
    ['a list of types', 'text/plain, application/json', JSON.stringify({ query: CREATE })],
    ['GraphQL alone', 'application/graphql', CREATE],
    ['no type', '', JSON.stringify({ query: CREATE })],
    ['JSON in UTF-16', 'application/json; charset=utf-16', JSON.stringify({ query: CREATE })],
    ['JSON of another kind', 'application/json-patch+json', JSON.stringify({ query: CREATE })],
  ])('with a body that says to be %s is refused, and writes nothing', async (_, type, body) => {
    const before = await count();
    const bytes = new Blob([body]); // fetch would give a text the type text/plain by itself
    const answer = await send({ method: 'POST', body: bytes, headers: type === '' ? {} : { 'content-type': type } });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(await count()).toBe(before);
  });

  it.each(['application/json', 'APPLICATION/JSON', ' application/json;charset="UTF-8" ', 'application/graphql+json'])(
    'with a body of the type "%s" is answered',
    async (type) => {
      const body = new Blob([JSON.stringify({ query: WHO })]);
      expect((await send({ method: 'POST', body, headers: { 'content-type': type } })).status).toBe(200);
    },
  );

  it.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s is refused', async (method) => {
    const answer = await send({ method }, `?query=${encodeURIComponent(WHO)}`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['x-http-method-override', 'x-method-override', 'x-http-method'])(
    'that writes by GET is refused, also with %s: POST',
    async (name) => {
      const before = await count();
      const answer = await send({ headers: { [name]: 'POST' } }, `?query=${encodeURIComponent(CREATE)}`);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      expect(await count()).toBe(before);
    },
  );

  it.each([
    ['the first of two operations', '&operationName=W', 405],
    ['the second of two operations', '&operationName=R', 200],
  ])('by GET may ask for %s if it reads', async (_, name, status) => {
    const query = `mutation W { __typename } query R { __typename }`;
    expect((await send({}, `?query=${encodeURIComponent(query)}${name}`)).status).toBe(status);
  });

  it.each([
    ['a batch of none', '[]', 'batches'],
    ['a batch of one', `[${JSON.stringify({ query: WHO })}]`, 'batches'],
    ['a batch of ten', JSON.stringify(Array.from({ length: 10 }, () => ({ query: WHO }))), 'batches'],
    ['text alone', '"{ viewer { subject } }"', 'JSON object'],
    ['null', 'null', 'JSON object'],
    ['a number', '1', 'JSON object'],
    ['nothing', '', 'not JSON'],
    ['half an object', '{"query":', 'not JSON'],
    ['a query that is no text', '{"query":{"a":1}}', 'string'],
    ['variables that are a list', `{"query":"${WHO}","variables":[]}`, 'variables'],
    ['extensions that are a text', `{"query":"${WHO}","extensions":"x"}`, 'extensions'],
    ['an unknown parameter', `{"query":"${WHO}","ada@example.com":1}`, 'A parameter is unknown'],
    ['__proto__ as a parameter', `{"query":"${WHO}","__proto__":{"admin":true}}`, 'A parameter is unknown'],
    ['constructor as a parameter', `{"query":"${WHO}","constructor":{}}`, 'A parameter is unknown'],
  ])('of %s is refused with HTTP 400', async (_, body, words) => {
    const answer = await send({ method: 'POST', body, headers: JSON_TYPE });
    expect(answer.status).toBe(400);
    const { errors } = await answer.json();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(errors[0].message).toContain(words);
    expect(errors[0].message).not.toContain('ada@');
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['an overlong NUL', Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')])],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['UTF-16', Buffer.from(JSON.stringify({ query: WHO }), 'utf16le')],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${JSON.stringify({ query: WHO })}`, 'utf16le')],
  ])('in %s is refused', async (_, bytes) => {
    const answer = await send({ method: 'POST', body: new Uint8Array(bytes), headers: JSON_TYPE });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('may begin with the mark of UTF-8', async () => {
    const answer = await send({ method: 'POST', body: `\ufeff${JSON.stringify({ query: WHO })}`, headers: JSON_TYPE });
    expect(await answer.json()).toEqual({ data: { viewer: { subject: 'tester@example.com' } } });
  });

  it('that says something twice is answered for the last time it said it', async () => {
    const body = `{"query":"{ nope }","query":"${WHO}"}`;
    expect(await (await send({ method: 'POST', body, headers: JSON_TYPE })).json()).toHaveProperty('data.viewer');
  });

  it.each(['gzip', 'br', 'deflate', 'gzip, identity', 'nonsense'])(
    'with the content-encoding %s is refused',
    async (encoding) => {
      const headers = { ...JSON_TYPE, 'content-encoding': encoding };
      const answer = await send({ method: 'POST', body: JSON.stringify({ query: WHO }), headers });
      expect(answer.status).toBe(415);
      expect(answer.headers.get('accept-encoding')).toBe('identity');
    },
  );

  it.each([
    'text/html',
    'text/plain',
    'text/event-stream',
    'multipart/mixed',
    'image/*',
    'nonsense',
    ';;;,,',
    'application/json; charset=utf-16',
  ])('that accepts "%s" alone is refused before it has written', async (accept) => {
    const before = await count();
    const headers = { ...JSON_TYPE, accept };
    const answer = await send({ method: 'POST', body: JSON.stringify({ query: CREATE }), headers });
    expect(answer.status).toBe(406);
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST', requestId: answer.headers.get('x-request-id') } }],
    });
    expect(await count()).toBe(before);
  });

  it.each(['*/*', 'application/*', 'text/html, application/json;q=0.1', 'Application/JSON', 'a/b,,*/*;q=0.8'])(
    'that accepts "%s" is answered in JSON',
    async (accept) => {
      const headers = { ...JSON_TYPE, accept };
      const answer = await send({ method: 'POST', body: JSON.stringify({ query: WHO }), headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/);
    },
  );

  it('with a query of 15 kB in its address is answered, and one of 20 kB is refused by HTTP', async () => {
    const address = (length: number) => `?query=${encodeURIComponent(WHO)}%23${'x'.repeat(length)}`;
    expect((await send({}, address(15_000))).status).toBe(200);
    expect((await send({}, address(20_000))).status).toBe(431);
  });

  it.each([
    ['variables', '&variables=%7B'],
    ['variables', '&variables=nonsense'],
    ['variables', '&variables=%5B%5D'],
    ['extensions', '&extensions=1'],
  ])('by GET with %s that are none (%s) is refused', async (what, parameters) => {
    const answer = await send({}, `?query=${encodeURIComponent(WHO)}${parameters}`);
    expect(answer.status).toBe(400);
    expect((await answer.json()).errors[0].message).toContain(what);
  });
});

describe('an address', () => {
  const api = useApi();
  const at = (path: string, init: RequestInit = {}) => fetch(api.url.replace('/graphql', path), init);

  it.each(['/graphql', '/graphql/'])('%s is the endpoint', async (path) => {
    expect((await at(path, { method: 'POST', headers: JSON_TYPE, body: '{}' })).status).toBe(401);
  });

  it.each([
    '/',
    '//graphql',
    '///graphql',
    '/graphql//',
    '/GRAPHQL',
    '/graphql/x',
    '/x/graphql',
    '/x/graphql/',
    '//evil.example/graphql',
    '/%67raphql',
    '/graphql%00',
    '/graphql;/../admin',
    '/admin?next=/graphql',
    '/__proto__',
    '/constructor',
  ])('%s is none', async (path) => {
    const answer = await at(path, { method: 'POST', headers: JSON_TYPE, body: '{}' });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
  });
});

describe('a connection', () => {
  const api = useApi();
  const port = () => Number(new URL(api.url).port);
  const token = async () => `Authorization: Bearer ${await api.as(tenant()).token()}`;

  /** Sends these lines, and gives all that comes back before the server closes. */
  const talk = (head: readonly string[], body = '') =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port(), '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
      let received = '';
      socket.on('data', (chunk) => (received += chunk));
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
  const alive = async () => expect((await fetch(api.url.replace('/graphql', '/livez'))).status).toBe(200);

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1:1',
    'a b',
    '<script>',
    'user:password@host',
    '[::1',
    '::::',
    'host/path',
    'xn--',
    '%00',
    '0x7f.1',
    '',
  ])('for the host "%s" never gets a 5xx, nor a host back', async (host) => {
    const body = JSON.stringify({ query: WHO });
    const head = [`Content-Length: ${body.length}`, 'Content-Type: application/json', 'Connection: close'];
    const answer = await talk(['POST /graphql HTTP/1.1', `Host: ${host}`, await token(), ...head], body);
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400|404) /);
    expect(answer).not.toContain('    at ');
    if (host.length > 5) expect(answer).not.toContain(host);
    await alive();
  });

  it.each([
    ['TRACE', 'TRACE /graphql HTTP/1.1', 405],
    ['an unknown method', 'STEAL /graphql HTTP/1.1', 400],
    ['an address of another host', 'GET http://evil.example/graphql HTTP/1.1', 404],
    ['an address without a path', 'GET graphql HTTP/1.1', 400],
    ['an asterisk', 'OPTIONS * HTTP/1.1', 404],
    ['a broken escape', 'GET /graphql?query=%zz HTTP/1.1', 401],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1', undefined],
  ])('with %s gets an answer that is no 5xx, or none', async (_, line, status) => {
    const answer = await talk([line, 'Host: 127.0.0.1', 'Connection: close']);
    if (status !== undefined) expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
    await alive();
  });

  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{}x'],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['a negative length', ['Content-Length: -1'], '{}'],
    ['a length that is none', ['Content-Length: 1e3'], '{}'],
    ['a folded header', ['X-A: b', ' c: d'], '{}'],
    ['NUL in a header', ['X-A: b\0c'], '{}'],
  ])('with %s, as smugglers send it, is refused by HTTP', async (_, lines, body) => {
    const head = ['POST /graphql HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json', ...lines];
    expect(await talk(head, body)).toMatch(/^HTTP\/1\.1 400 /);
    await alive();
  });

  it('with 300 headers is answered, and with 64 kB of them is refused by HTTP', async () => {
    const body = JSON.stringify({ query: WHO });
    const head = ['POST /graphql HTTP/1.1', 'Host: a', `Content-Length: ${body.length}`, JSON_HEADER, await token()];
    const many = (value: string) => Array.from({ length: 300 }, (_, n) => `X-Header-${n}: ${value}`);
    expect(await talk([...head, 'Connection: close', ...many('x')], body)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await talk([...head, 'Connection: close', ...many('x'.repeat(200))], body)).toMatch(/^HTTP\/1\.1 431 /);
    await alive();
  });

  it('that sends 10 MB in chunks without a length is cut off, and answered 413 if it listens', async () => {
    const headers = { ...JSON_TYPE, authorization: (await token()).slice('Authorization: '.length) };
    const outcome = await new Promise<number | string>((resolve) => {
      const sending = httpRequest(api.url, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sending.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
      const chunk = Buffer.alloc(100_000, ' ');
      for (let sent = 0; sent < 10_000_000; sent += chunk.length) sending.write(chunk);
      sending.end();
    });
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(outcome);
    await alive();
  });

  it('that announces 10 MB is answered 413 before it sends them', async () => {
    const head = ['POST /graphql HTTP/1.1', 'Host: a', 'Content-Length: 10000000', JSON_HEADER, await token()];
    const answer = await talk(head, '{');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"limit":{"name":"bodyBytes","maximum":3000000}');
    await alive();
  });
});

const JSON_HEADER = 'Content-Type: application/json';

describe('every answer', () => {
  const api = useApi({ CORS_ORIGINS: 'https://app.example.com' });
  const base = () => api.url.replace('/graphql', '');

  it.each([
    ['data', 200, async () => post(await authorized(), { query: WHO })],
    ['a wrong document', 200, async () => post(await authorized(), { query: '{ nope }' })],
    ['a wrong document in the newer type', 400, async () => post(await newer(), { query: '{ nope }' })],
    ['no token', 401, () => post(JSON_TYPE, { query: WHO })],
    ['a wrong type', 415, async () => post({ ...(await authorized()), 'content-type': 'text/plain' }, {})],
    ['a media type not to be had', 406, async () => post({ ...(await authorized()), accept: 'text/csv' }, {})],
    ['no scope', 403, async () => post(await authorized(['write']), { query: WHO })],
    ['a method that is none', 405, async () => fetch(api.url, { method: 'PUT', headers: await authorized() })],
    ['no address', 404, () => fetch(`${base()}/nope`)],
    ['no asset', 404, () => fetch(`${api.url}/assets/nope`)],
    ['the probe', 200, () => fetch(`${base()}/livez`)],
    ['a preflight', 204, () => fetch(api.url, { method: 'OPTIONS', headers: { origin: 'https://app.example.com' } })],
    ['a preflight of a stranger', 204, () => fetch(api.url, { method: 'OPTIONS', headers: { origin: 'https://b.c' } })],
  ])('to %s keeps itself from caches, frames and guesses, and has an ID', async (_, status, ask) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(SECURITY_HEADERS);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('server') ?? answer.headers.get('x-powered-by')).toBeNull();
  });

  const authorized = async (scopes?: ['write']) => ({
    authorization: `Bearer ${await api.as(tenant(), scopes).token()}`,
    ...JSON_TYPE,
  });
  const newer = async () => ({ ...(await authorized()), accept: 'application/graphql-response+json' });
  const post = (headers: Record<string, string>, body: object) =>
    fetch(api.url, { method: 'POST', headers, body: JSON.stringify(body) });
});

describe('pages of other origins', () => {
  const closed = useApi();
  const open = useApi({ CORS_ORIGINS: 'https://app.example.com http://localhost:5173' });

  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const allowed = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('may do nothing when no origin is set', async () => {
    for (const origin of ['https://app.example.com', 'null', closed.url.replace('/graphql', '')]) {
      const answer = await preflight(closed.url, origin);
      expect(answer.status).toBe(405);
      expect(allowed(answer.headers)).toEqual([]);
      const { headers } = await closed.as(tenant()).post({ query: WHO }, { origin });
      expect(allowed(headers)).toEqual([]);
    }
  });

  it.each(['https://app.example.com', 'http://localhost:5173'])(
    'may do what they need when set: %s',
    async (origin) => {
      const answer = await preflight(open.url, origin);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST');
      expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('vary')).toMatch(/origin/i);
      const { headers, body } = await open.as(tenant()).post({ query: WHO }, { origin });
      expect(body.data).toBeDefined();
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('vary')).toMatch(/origin/i);
    },
  );

  it.each([
    'null',
    '*',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://evilapp.example.com',
    'https://app.example.comevil',
    'https://sub.app.example.com',
    'https://app.example.com:444',
    'https://app.example.com/',
    'https://app.example.com,https://evil.example',
    'http://app.example.com',
    'HTTPS://APP.EXAMPLE.COM',
    'http://localhost:51730',
    '__proto__',
  ])('get nothing from others: %s', async (origin) => {
    const answer = await preflight(open.url, origin);
    expect(allowed(answer.headers)).toEqual([]);
    const { headers } = await open.as(tenant()).post({ query: WHO }, { origin });
    expect(allowed(headers)).toEqual([]);
    expect(headers.get('vary')).toMatch(/origin/i);
  });

  it('cannot make a browser send what is answered, without asking first', async () => {
    const client = open.as(tenant());
    await company(client);
    // A form, or a script's "simple" request, can set none but these types, and no Authorization header.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status } = await client.post({ query: WHO }, { origin: 'https://evil.example', 'content-type': type });
      expect(status).toBe(415);
    }
    expect((await fetch(`${open.url}?query=${encodeURIComponent(WHO)}`)).status).toBe(401);
  });
});
