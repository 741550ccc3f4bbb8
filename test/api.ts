/** The front door for tests: a real server on a database of its own, and typed documents sent over HTTP. */
import { createServer } from 'node:http';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { createApp } from '../src/app.ts';
import { createCostBudget } from '../src/budget/cost-budget.ts';
import { checkDatabase } from '../src/database/check.ts';
import { openDatabase } from '../src/database/client.ts';
import { parseEnv } from '../src/env.ts';
import { readManifest } from '../src/trusted-documents.ts';
import { type Authenticate, createAuthenticate, type Scope } from '../src/viewer.ts';
import { cloneDatabase } from './database.ts';
import type { TypedDocumentString } from './gql/graphql.ts';
import { listenOnLoopback } from './loopback.ts';

/** Of the tokens that a `Client` sends. */
export const SECRET = 'a secret of the tests, long enough for HS256';

/** A test asks for more in a second than a tenant does, of a machine that is busy with other tests. */
const UNHURRIED = { TENANT_POINTS_PER_SECOND: '1000000', CONNECTION_WAIT_MS: '30000', REQUEST_TIMEOUT_MS: '60000' };

export type ApiError = {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; requestId: string; argument?: string[] };
};
export type Answer<Data> = { status: number; headers: Headers; body: { data?: Data | null; errors?: ApiError[] } };
type DataOf<Document> = Document extends TypedDocumentString<infer Data, infer _> ? Data : never;
/** Absent for a document without variables, optional where all of them are. */
type VariablesOf<Document> =
  Document extends TypedDocumentString<infer _, infer Variables>
    ? string extends keyof Variables
      ? []
      : object extends Variables
        ? [variables?: Variables]
        : [variables: Variables]
    : never;

export type Api = {
  url: string;
  /** Owner's URL of the database behind it. */
  databaseUrl: string;
  /** What one tenant sees, with a token of these scopes. */
  as(tenantId: string, scopes?: readonly Scope[]): Client;
  /** The statements that `work` causes, without those that open and close transactions. */
  statementsOf(work: () => Promise<unknown>): Promise<string[]>;
  /** The log lines so far. */
  log: Record<string, unknown>[];
};

export type Client = {
  token(): Promise<string>;
  send<Document>(document: Document, ...variables: VariablesOf<Document>): Promise<Answer<DataOf<Document>>>;
  /** The data; throws when there are errors. */
  ask<Document>(document: Document, ...variables: VariablesOf<Document>): Promise<DataOf<Document>>;
  /** The one top-level error; throws when there is none, or more. */
  fail<Document>(document: Document, ...variables: VariablesOf<Document>): Promise<ApiError>;
  /** Any body, for what a typed document cannot say. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer<Record<string, unknown>>>;
};

export type ApiOptions = {
  /** In place of the tests' own, whose tokens `as()` signs. */
  authenticate?: Authenticate;
};

/**
 * Starts a server for the tests of this file, with these environment variables, and stops it after them. Use what it gives
 * inside tests only.
 */
export function useApi(settings: Record<string, string> = {}, options: ApiOptions = {}): Api {
  const api = {} as Api;
  let stop = async () => {};
  beforeAll(async () => {
    const { stop: stopServer, ...started } = await startApi(settings, options);
    Object.assign(api, started);
    stop = stopServer;
  });
  afterAll(() => stop());
  return api;
}

async function startApi(
  settings: Record<string, string>,
  { authenticate }: ApiOptions,
): Promise<Api & { stop(): Promise<void> }> {
  const databaseUrl = await cloneDatabase();
  const statements: string[] = [];
  const log: Record<string, unknown>[] = [];
  const env = parseEnv({ JWT_SECRET: SECRET, ...UNHURRIED, ...settings });
  const database = openDatabase({
    ...env,
    url: databaseUrl,
    poolSize: env.databasePoolSize,
    onStatement: (text) => statements.push(text),
  });
  await checkDatabase(database);
  const app = createApp({
    ...env,
    database,
    authenticate: authenticate ?? (await createAuthenticate(env.jwt)),
    budget: createCostBudget(env.costBudget, database.pool),
    logger: pino({ base: null }, { write: (line: string) => log.push(JSON.parse(line)) }),
    trustedDocuments: env.trustedDocumentsFile === undefined ? undefined : await readManifest(env.trustedDocumentsFile),
    explorer: {},
  });
  const server = createServer(app);
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}/graphql`;
  return {
    url,
    databaseUrl,
    log,
    as: (tenantId, scopes) => createClient(url, tenantId, scopes),
    async statementsOf(work) {
      statements.length = 0;
      await work();
      return statements.filter((text) => !/^(BEGIN|COMMIT|ROLLBACK)/.test(text));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
    },
  };
}

/** What one tenant sees of the server at `url`, which must take tokens signed with SECRET. */
export function createClient(url: string, tenantId: string, scopes?: readonly Scope[]): Client {
  const token = () =>
    new SignJWT({ tenant_id: tenantId, sub: 'tester@example.com', ...(scopes && { scope: scopes.join(' ') }) })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));
  const post: Client['post'] = async (body, headers = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}`, ...headers },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Answer<Record<string, unknown>>['body'];
    return { status: response.status, headers: response.headers, body: answer };
  };
  const send = async <Data>(document: unknown, variables?: unknown) =>
    (await post({ query: String(document), variables })) as Answer<Data>;
  return {
    token,
    post,
    send: (document, ...[variables]) => send(document, variables),
    async ask<Data>(document: unknown, ...[variables]: unknown[]) {
      const { body } = await send<Data>(document, variables);
      if (body.errors !== undefined || body.data == null) throw new Error(`No data alone: ${JSON.stringify(body)}`);
      return body.data;
    },
    async fail(document: unknown, ...[variables]: unknown[]) {
      const { body } = await send(document, variables);
      const [error, ...others] = body.errors ?? [];
      if (error === undefined || others.length > 0) throw new Error(`Not one error: ${JSON.stringify(body)}`);
      return error;
    },
  };
}
