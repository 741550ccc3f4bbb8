/** A router's part: what it sends to the subgraph. */
import type { Answer, Api, ApiError, Client } from './api.ts';

export type Representation = { __typename: string } & Record<string, unknown>;
export type Entity = Record<string, unknown> | null;

export type Router = {
  /** Any GraphQL request to the subgraph. */
  send(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer<Record<string, unknown>>>;
  /** The entities of these representations, each with these fields. */
  enter(representations: unknown[], fields: string): Promise<{ entities: Entity[]; errors: ApiError[] }>;
};

export const subgraphUrl = (api: Api) => new URL('/subgraph', api.url).href;

/** A router that passes on this client's token. */
export function routerFor(api: Api, client: Client): Router {
  const send: Router['send'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(subgraphUrl(api), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await client.token()}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Answer<Record<string, unknown>>['body'];
    return { status: response.status, headers: response.headers, body };
  };
  return {
    send,
    async enter(representations, fields) {
      const query = `query Enter($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${fields} } }`;
      const { body } = await send(query, { representations });
      return { entities: (body.data?._entities ?? []) as Entity[], errors: body.errors ?? [] };
    },
  };
}
