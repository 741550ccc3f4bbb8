/** A client of the carbon gateway: typed documents in, data or a failure out. */
import { isMutation, type Rest, type TypedDocument } from './document.ts';
import { type Connection, nodesOf, pagesOf } from './pages.ts';
import type { Result } from './result.ts';
import { withRetries } from './retry.ts';
import { type Gateway, send } from './send.ts';

export type { TypedDocument } from './document.ts';
export type { Connection } from './pages.ts';
export { type Failure, type RequestError, RequestFailedError, type Result } from './result.ts';

export type ClientOptions = {
  /** The GraphQL endpoint: `https://carbon.example.com/graphql`, or `/graphql` in a browser. */
  url: string | URL;
  /** An access token, or a function that gives one; it is called for every request and may refresh the token. */
  token: string | (() => string | Promise<string>);
  /** How often a request is sent at most, when it is safe to repeat; 1 never repeats. 3 when absent. */
  attempts?: number;
  /** Another `fetch`, such as a framework's own. */
  fetch?: typeof fetch;
};

export type QueryOptions = {
  /** Ends the call, also while it waits to repeat; the failure is `aborted`. */
  signal?: AbortSignal | undefined;
};

export type MutateOptions = QueryOptions & {
  /** Says that to do it twice is to do it once, as with an upsert, so that it may be repeated like a query. */
  repeatable?: boolean;
};

export type Client = {
  /** Repeats the query while the gateway is unavailable. @throws TypeError for a mutation, which is not safe to repeat. */
  query<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...rest: Rest<Variables, QueryOptions>
  ): Promise<Result<Data>>;

  /** Sends the mutation once, unless it is `repeatable`. What is wrong with the input is in the data, as `userErrors`. */
  mutate<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...rest: Rest<Variables, MutateOptions>
  ): Promise<Result<Data>>;

  /**
   * All pages of a connection, each asked for when the loop comes to it. The query must have a variable `after`, and ask
   * for `nodes` and `pageInfo { hasNextPage endCursor }`. A failure is the last thing that the loop gets.
   */
  pages<Data, Variables extends PageVariables, Page extends Connection<unknown>>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    connection: (data: Data) => Page | null | undefined,
    options?: QueryOptions,
  ): AsyncGenerator<Result<Page>, void, undefined>;

  /** All nodes of a connection, page by page as `pages` does. @throws RequestFailedError when a page cannot be had. */
  nodes<Data, Variables extends PageVariables, Node>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    connection: (data: Data) => Connection<Node> | null | undefined,
    options?: QueryOptions,
  ): AsyncGenerator<Node, void, undefined>;
};

type PageVariables = { after?: string | null | undefined };

/** A client of one gateway. It keeps nothing: no token, no cache, no connection of its own. */
export function createClient({ url, token, attempts = 3, fetch = globalThis.fetch }: ClientOptions): Client {
  const gateway: Gateway = { url, token, fetch: (...request) => fetch(...request) };
  const request = <Data>(document: string, variables: unknown, times: number, signal: AbortSignal | undefined) => {
    const body = JSON.stringify({ query: document, variables });
    return withRetries(times, signal, () => send<Data>(gateway, body, signal));
  };
  const query = <Data>(document: object | string, variables: unknown, { signal }: QueryOptions = {}) => {
    const text = document.toString();
    if (isMutation(text)) throw new TypeError('The document has a mutation: send it with mutate.');
    return request<Data>(text, variables, attempts, signal);
  };
  const pages: Client['pages'] = (document, variables, connection, options) =>
    pagesOf(async (after) => {
      const result = await query<Parameters<typeof connection>[0]>(
        document,
        after === undefined ? variables : { ...variables, after },
        options,
      );
      return result.ok ? { ok: true, data: connection(result.data) } : result;
    });
  return {
    query: async (document, ...[variables, options]) => query(document, variables, options),
    mutate: async (document, ...[variables, { signal, repeatable = false } = {}]) =>
      request(document.toString(), variables, repeatable ? attempts : 1, signal),
    pages,
    nodes: (document, variables, connection, options) => nodesOf(pages(document, variables, connection, options)),
  };
}
