/** The client of client/ against a gateway, and against what may stand between the two. */
import { createServer } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient, type Failure, RequestFailedError, type Result } from '../client/src/client.ts';
import { isMutation } from '../client/src/document.ts';
import { fail } from '../client/src/result.ts';
import { pauseAfter, withRetries } from '../client/src/retry.ts';
import { parseRetryAfter } from '../client/src/send.ts';
import { useApi } from './api.ts';
import { DEMO_TENANT, loadDemoInto } from './demo.ts';
import {
  FilterAndPageDocument,
  FirstLookDocument,
  PatchCompanyDocument,
  ReadinessExplainedDocument,
  UpsertCompanyDocument,
} from './gql/graphql.ts';
import { listenOnLoopback } from './loopback.ts';

const api = useApi();
const connect = (options: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({ url: api.url, token: api.as(DEMO_TENANT).token, ...options });

beforeAll(() => loadDemoInto(api));

function dataOf<Data>(result: Result<Data>): Data {
  if (!result.ok) throw new Error(`No data: ${JSON.stringify(result.failure)}`);
  return result.data;
}
function failureOf(result: Result<unknown>): Failure {
  if (result.ok) throw new Error(`No failure: ${JSON.stringify(result.data)}`);
  return result.failure;
}

describe('a call', () => {
  it('answers data of the type that its document says, with a token given as text or by a function', async () => {
    for (const token of [await api.as(DEMO_TENANT).token(), api.as(DEMO_TENANT).token]) {
      const { companies } = dataOf(await connect({ token }).query(FirstLookDocument));
      expect(companies.nodes[0]).toEqual({
        name: 'Fjordglass AS',
        country: 'NO',
        totalEmissions: 6413.1,
        carbonReadinessScore: 1,
      });
    }
  });

  it('gives what a user can put right as data that narrows by __typename', async () => {
    const variables = { by: { externalId: 'NL-004' }, patch: { city: 'Kiel' }, ifVersion: 99 };
    const { patchCompany } = dataOf(await connect().mutate(PatchCompanyDocument, variables));
    const seen = patchCompany.userErrors.map((error) => {
      if (error.__typename === 'StaleVersionError') return { currentVersion: error.currentVersion };
      return { path: error.path };
    });
    expect(seen).toEqual([{ currentVersion: 1 }]);
  });

  it('refuses to send a mutation as a query, which would be repeated', async () => {
    const sent = connect().query(UpsertCompanyDocument, { input: { externalId: 'NL-003' } });
    await expect(sent).rejects.toThrow(new TypeError('The document has a mutation: send it with mutate.'));
  });
});

describe('a failure', () => {
  const token = () => api.as(DEMO_TENANT).token();
  const variables = { by: { externalId: 'NL-004' }, patch: {} };

  it('is unauthenticated without an accepted token', async () => {
    const failure = failureOf(await connect({ token: 'nonsense' }).query(FirstLookDocument));
    expect(failure).toMatchObject({
      kind: 'unauthenticated',
      status: 401,
      requestId: expect.stringMatching(/^[\w-]{36}$/),
    });
    expect(failure.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is unauthenticated when no token can be had', async () => {
    const cause = new Error('The session has ended.');
    const signedOut = async () => {
      throw cause;
    };
    expect(failureOf(await connect({ token: signedOut }).query(FirstLookDocument))).toMatchObject({
      kind: 'unauthenticated',
      cause,
    });
  });

  it('is forbidden when the token lacks the scope', async () => {
    const reader = connect({ token: api.as(DEMO_TENANT, ['read']).token });
    expect(failureOf(await reader.mutate(PatchCompanyDocument, variables))).toMatchObject({
      kind: 'forbidden',
      status: 403,
    });
  });

  it('is invalid for a document or a variable that the gateway refuses, with its sentence', async () => {
    const unknownField = failureOf(await connect().query('{ nothing }'));
    expect(unknownField).toMatchObject({ kind: 'invalid', message: expect.stringContaining('nothing') });
    const tooMany = failureOf(await connect().query(FilterAndPageDocument, { first: 1000 }));
    expect(tooMany).toMatchObject({ kind: 'invalid', errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('is invalid where no gateway answers', async () => {
    const url = api.url.replace('/graphql', '/elsewhere');
    expect(failureOf(await connect({ url }).query(FirstLookDocument))).toMatchObject({ kind: 'invalid', status: 404 });
  });

  it('is aborted by the signal, before the request and during it', async () => {
    const reason = new Error('The page was left.');
    const early = await connect({ token }).query(FirstLookDocument, {}, { signal: AbortSignal.abort(reason) });
    expect(failureOf(early)).toMatchObject({ kind: 'aborted', cause: reason });
    const controller = new AbortController();
    const during = connect({
      fetch: (...request) => {
        const response = fetch(...request);
        controller.abort(reason);
        return response;
      },
    });
    const result = await during.mutate(PatchCompanyDocument, variables, { signal: controller.signal });
    expect(failureOf(result)).toMatchObject({ kind: 'aborted', cause: reason });
  });
});

describe('all pages of a connection', () => {
  const variables = { first: 3 };
  let requests: number;
  beforeEach(() => {
    requests = 0;
  });
  const counting: typeof fetch = (...request) => {
    requests++;
    return fetch(...request);
  };

  it('come one after the other, each when it is asked for', async () => {
    const pages = connect({ fetch: counting }).pages(FilterAndPageDocument, variables, (data) => data.companies);
    const sizes: number[] = [];
    for await (const page of pages) {
      sizes.push(dataOf(page).nodes.length);
      expect(requests).toBe(sizes.length);
    }
    expect(sizes).toEqual([3, 3, 2]);
  });

  it('come as nodes, and no further than the loop goes', async () => {
    const companies = () =>
      connect({ fetch: counting }).nodes(FilterAndPageDocument, variables, (data) => data.companies);
    const names: string[] = [];
    for await (const { name } of companies()) names.push(name);
    expect(new Set(names).size).toBe(8);
    expect(requests).toBe(3);
    for await (const _ of companies()) break;
    expect(requests).toBe(4);
  });

  it('start after the cursor that is given', async () => {
    const pages = connect().pages(FilterAndPageDocument, variables, (data) => data.companies);
    const first = await pages.next();
    const after = dataOf(first.value ?? fail({ kind: 'failed', message: 'No page.' })).pageInfo.endCursor;
    const names: string[] = [];
    for await (const { name } of connect().nodes(
      FilterAndPageDocument,
      { ...variables, after },
      (data) => data.companies,
    ))
      names.push(name);
    expect(names).toHaveLength(5);
  });

  it('end with the failure, which nodes throws', async () => {
    const reader = connect({ token: 'nonsense' });
    const results: Result<unknown>[] = [];
    for await (const page of reader.pages(FilterAndPageDocument, variables, (data) => data.companies))
      results.push(page);
    expect(results).toMatchObject([{ ok: false, failure: { kind: 'unauthenticated' } }]);
    const nodes = reader.nodes(FilterAndPageDocument, variables, (data) => data.companies);
    await expect(nodes.next()).rejects.toBeInstanceOf(RequestFailedError);
  });

  it('are none where the record on the way to them is missing', async () => {
    const missing = connect().nodes(FilterAndPageDocument, variables, () => null);
    expect(await missing.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a gateway that is unavailable', () => {
  type Mishap = 'drop' | { status: number; headers?: Record<string, string> };
  const fronts: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const front of fronts.splice(0)) front.close();
  });

  /** What stands before the gateway: has these mishaps, one for each request, and then lets requests through. */
  async function front(...mishaps: Mishap[]): Promise<{ url: string; requests: () => number }> {
    let requests = 0;
    const server = createServer(async (request, response) => {
      const mishap = mishaps[requests++];
      if (mishap === 'drop') return request.socket.destroy();
      if (mishap) return response.writeHead(mishap.status, mishap.headers).end('<h1>Try again later</h1>');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { authorization = '' } = request.headers;
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await fetch(api.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    fronts.push(server);
    return { url: `http://127.0.0.1:${await listenOnLoopback(server)}/graphql`, requests: () => requests };
  }

  const upsert = { input: { externalId: 'NL-004', city: 'Kiel' } };

  it.each<[string, Mishap]>([
    ['a lost connection', 'drop'],
    ['HTTP 502', { status: 502 }],
    ['HTTP 503', { status: 503 }],
    ['HTTP 504', { status: 504 }],
    ['HTTP 429 with Retry-After', { status: 429, headers: { 'retry-after': '0' } }],
  ])('is asked again after %s, with a token asked for anew', async (_, mishap) => {
    const { url, requests } = await front(mishap);
    let tokens = 0;
    const token = () => {
      tokens++;
      return api.as(DEMO_TENANT).token();
    };
    expect(dataOf(await connect({ url, token }).query(FirstLookDocument)).companies.totalCount).toBe(8);
    expect([requests(), tokens]).toEqual([2, 2]);
  });

  it('is asked three times at most', async () => {
    const { url, requests } = await front('drop', { status: 503 }, { status: 502 });
    expect(failureOf(await connect({ url }).query(FirstLookDocument))).toMatchObject({
      kind: 'unavailable',
      status: 502,
    });
    expect(requests()).toBe(3);
  });

  it('is not asked again while it wants to be left alone for longer than a user waits', async () => {
    const { url, requests } = await front({ status: 429, headers: { 'retry-after': '60' } });
    const failure = failureOf(await connect({ url }).query(FirstLookDocument));
    expect(failure).toMatchObject({ kind: 'unavailable', status: 429, retryAfterMs: 60_000 });
    expect(requests()).toBe(1);
  });

  it.each<Mishap>(['drop', { status: 503 }])('gets a mutation once (%s), unless it is repeatable', async (mishap) => {
    const once = await front(mishap);
    const failed = await connect({ url: once.url }).mutate(UpsertCompanyDocument, upsert);
    expect(failureOf(failed)).toMatchObject({ kind: 'unavailable' });
    expect(once.requests()).toBe(1);

    const again = await front(mishap);
    const repeated = await connect({ url: again.url }).mutate(UpsertCompanyDocument, upsert, { repeatable: true });
    expect(dataOf(repeated).upsertCompany.userErrors).toEqual([]);
    expect(again.requests()).toBe(2);
  });

  it('is not asked again after an answer, whatever it says', async () => {
    const { url, requests } = await front({ status: 500 });
    expect(failureOf(await connect({ url }).query(FirstLookDocument))).toMatchObject({ kind: 'failed', status: 500 });
    expect(requests()).toBe(1);
    await connect({ url, token: 'nonsense' }).query(ReadinessExplainedDocument, { by: { externalId: 'NL-001' } });
    expect(requests()).toBe(2);
  });
});

describe('the pause before a repetition', () => {
  it.each([
    [1, undefined, 0, 100],
    [1, undefined, 1, 200],
    [2, undefined, 1, 400],
    [9, undefined, 1, 10_000],
    [1, 3000, 0, 3000],
    [1, 3000, 1, 3200],
    [1, 10_001, 0, undefined],
  ])('after attempt %i, asked for %s ms, at random %f, is %s ms', (attempt, retryAfterMs, random, expected) => {
    expect(pauseAfter(attempt, retryAfterMs, random)).toBe(expected);
  });

  it.each([
    [null, undefined],
    ['2', 2000],
    ['Sun, 22 Nov 2026 12:00:05 GMT', 5000],
    ['Sun, 22 Nov 2026 11:59:00 GMT', 0],
    ['soon', undefined],
  ])('is read from Retry-After: %s', (header, expected) => {
    expect(parseRetryAfter(header, Date.parse('2026-11-22T12:00:00Z'))).toBe(expected);
  });

  it('ends with the signal', async () => {
    // No time passes, so nothing but the signal can end it.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const controller = new AbortController();
    const result = await withRetries(3, controller.signal, async () => {
      setImmediate(() => controller.abort('left'));
      return fail({ kind: 'unavailable', message: 'Later.' });
    }).finally(() => vi.useRealTimers());
    expect(failureOf(result)).toMatchObject({ kind: 'aborted', cause: 'left' });
  });
});

describe('a mutation', () => {
  it.each([
    ['mutation { a }', true],
    ['fragment F on T { a { b } } mutation M($i: I = { a: "}" }) { c }', true],
    ['# a comment\nmutation M { a }', true],
    ['query Q { mutation { id } }', false],
    ['{ a(text: "} mutation") }', false],
    ['"""\nmutation\n""" query Q { a }\n# mutation', false],
    ['fragment mutation on T { a } query Q { ...mutation }', false],
  ])('is told from a query: %j is %s', (document, expected) => {
    expect(isMutation(document)).toBe(expected);
  });
});
