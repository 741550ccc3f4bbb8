/** The HTTP handler: GraphQL for clients and for a router, the explorer and the probe. It never listens; `index.ts` does. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Context } from './builder.ts';
import type { Database } from './database/client.ts';
import type { SubgraphSettings } from './env.ts';
import { useRouterAnswers, useRouterSecret } from './federation/use-router.ts';
import { useTracing } from './federation/use-tracing.ts';
import { keepError, useErrorCodes } from './http/errors.ts';
import { createExplorer } from './http/explorer.ts';
import { requestState } from './http/request.ts';
import { useRequestLog } from './http/use-request-log.ts';
import { useScopes } from './http/use-scopes.ts';
import { useViewer } from './http/use-viewer.ts';
import { schema, subgraph } from './schema.ts';
import type { Authenticate } from './viewer.ts';

export const ENDPOINT = '/graphql';
export const SUBGRAPH_ENDPOINT = '/subgraph';

export type AppOptions = {
  database: Database;
  authenticate: Authenticate;
  logger: Logger;
  /** GraphiQL at the endpoint; with a token of its own in development. */
  explorer?: { developmentToken?: (() => Promise<string>) | undefined } | undefined;
  subgraph: SubgraphSettings;
};

/** A handler for `node:http`; `fetch` is the same without a socket. */
export type App = RequestListener & { fetch(url: string, init?: RequestInit): Promise<Response> };

export function createApp(options: AppOptions): App {
  const { serve } = options.subgraph;
  const forRouter = serve === 'off' ? undefined : createRouterEndpoint(options);
  const forClients = serve === 'alone' && forRouter ? forRouter : createClientsEndpoint(options);
  const endpointAt = (path: string) => (path === SUBGRAPH_ENDPOINT && forRouter ? forRouter : forClients);
  return Object.assign(
    (request: IncomingMessage, response: ServerResponse) =>
      void endpointAt(request.url?.split('?', 1)[0] ?? '')(request, response),
    {
      fetch: async (url: string, init: RequestInit = {}) => {
        const address = new URL(url);
        return endpointAt(address.pathname).fetch(address, init);
      },
    },
  );
}

function createClientsEndpoint(options: AppOptions) {
  const { explorer } = options;
  const first = explorer ? [createExplorer({ endpoint: ENDPOINT, ...explorer })] : [];
  return createEndpoint(options, ENDPOINT, schema, { first, last: [] });
}

function createRouterEndpoint(options: AppOptions) {
  const { maxRepresentations, routerSecret } = options.subgraph;
  const createSchema = () => subgraph(maxRepresentations).schema;
  const first = [useRouterAnswers(), ...(routerSecret === undefined ? [] : [useRouterSecret(routerSecret)])];
  return createEndpoint(options, SUBGRAPH_ENDPOINT, createSchema(), { first, last: [useTracing(createSchema)] });
}

/** The plugins of one endpoint alone: the first stand before the token, the last see errors as they are answered. */
type OwnPlugins = { first: readonly Plugin[]; last: readonly Plugin[] };

function createEndpoint(
  { database, authenticate, logger }: AppOptions,
  endpoint: string,
  schema: GraphQLSchema,
  { first, last }: OwnPlugins,
) {
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: endpoint,
    healthCheckEndpoint: '/livez',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    logging: false,
    maskedErrors: { maskError: keepError },
    context: (initial) => {
      const { viewer } = requestState(initial);
      if (viewer === undefined) throw new Error('The request has no viewer: useViewer must run before GraphQL.');
      return { viewer, db: database.forTenant(viewer.tenantId) };
    },
    plugins: [useRequestLog(logger), ...first, useViewer(authenticate), useScopes(), useErrorCodes(), ...last],
  });
}
