/** The HTTP handler: GraphQL for clients and for a router, the explorer and the probe. It never listens; `index.ts` does. */
import type { RequestListener } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { CostBudget } from './budget/cost-budget.ts';
import type { Context } from './builder.ts';
import type { Database } from './database/client.ts';
import type { Env } from './env.ts';
import { allowOrigins } from './http/cors.ts';
import { keepError, useErrorCodes } from './http/errors.ts';
import { createExplorer } from './http/explorer.ts';
import { createListener } from './http/listener.ts';
import { requestState } from './http/request.ts';
import { useAccept } from './http/use-accept.ts';
import { useAddress } from './http/use-address.ts';
import { useCostBudget } from './http/use-cost-budget.ts';
import { useDeadline } from './http/use-deadline.ts';
import { useHiddenSchema } from './http/use-hidden-schema.ts';
import { useLimits } from './http/use-limits.ts';
import { useLiveness } from './http/use-liveness.ts';
import { useQuietErrors } from './http/use-quiet-errors.ts';
import { useRequestBody } from './http/use-request-body.ts';
import { useRequestLog } from './http/use-request-log.ts';
import { useResponseHeaders } from './http/use-response-headers.ts';
import { useRouterAnswers, useRouterSecret } from './http/use-router.ts';
import { useScopes } from './http/use-scopes.ts';
import { useTracing } from './http/use-tracing.ts';
import { type TrustedDocuments, useTrustedDocuments } from './http/use-trusted-documents.ts';
import { useViewer } from './http/use-viewer.ts';
import { schema, subgraph } from './schema.ts';
import type { Authenticate } from './viewer.ts';

export const ENDPOINT = '/graphql';
export const SUBGRAPH_ENDPOINT = '/subgraph';

export type AppOptions = Pick<Env, 'limits' | 'introspection' | 'corsOrigins' | 'subgraph'> & {
  database: Database;
  authenticate: Authenticate;
  budget: CostBudget;
  logger: Logger;
  /** The only documents accepted from clients; all are when absent. */
  trustedDocuments?: TrustedDocuments | undefined;
  /** GraphiQL at the endpoint; with a token of its own in development. */
  explorer?: { developmentToken?: (() => Promise<string>) | undefined } | undefined;
};

/** A handler for `node:http`; `fetch` is the same without a socket. */
export type App = RequestListener & { fetch(url: string, init?: RequestInit): Promise<Response> };

/**
 * The handler with the endpoints that the settings ask for. It opens nothing and closes nothing. An address of neither
 * endpoint is answered by the one for clients, or where the subgraph serves alone, by that: 404, or `/livez`.
 *
 * @throws when the explorer is asked for and what it shows was not deployed with the code.
 */
export function createApp(options: AppOptions): App {
  const { serve } = options.subgraph;
  const forClients = serve === 'alone' ? undefined : createClientsEndpoint(options);
  let forRouter: Endpoint | undefined;
  const endpointAt = (path: string): Endpoint => {
    if (forClients && (serve === 'off' || path !== SUBGRAPH_ENDPOINT)) return forClients;
    // Its schema takes 0.2 s to make, which is left until a router asks.
    forRouter ??= createRouterEndpoint(options);
    return forRouter;
  };
  return Object.assign(
    createListener((request, response) => void endpointAt(request.url?.split('?', 1)[0] ?? '')(request, response)),
    {
      fetch: async (url: string, init: RequestInit = {}) => {
        const address = new URL(url);
        return endpointAt(address.pathname).fetch(address, init);
      },
    },
  );
}

type Endpoint = ReturnType<typeof createEndpoint>;

function createClientsEndpoint(options: AppOptions) {
  const { explorer, trustedDocuments } = options;
  const first = [
    ...(explorer ? [createExplorer({ endpoint: ENDPOINT, ...explorer })] : []),
    ...(trustedDocuments ? [useTrustedDocuments(trustedDocuments)] : []),
  ];
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

function createEndpoint(options: AppOptions, endpoint: string, schema: GraphQLSchema, { first, last }: OwnPlugins) {
  const { database, authenticate, budget, logger, limits, introspection, corsOrigins } = options;
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: endpoint,
    healthCheckEndpoint: ' ', // Yoga's own answers every address that ends so, and none does: useLiveness
    graphiql: false,
    landingPage: false,
    cors: allowOrigins(corsOrigins),
    multipart: false,
    maxRequestBodySize: false, // useRequestBody
    extraParamNames: ['documentId'],
    logging: false,
    maskedErrors: { maskError: keepError },
    context: (initial) => {
      const { viewer, ended } = requestState(initial);
      if (viewer === undefined) throw new Error('The request has no viewer: useViewer must run before GraphQL.');
      return { viewer, db: database.forTenant(viewer.tenantId, ended.signal), maxPageSize: limits.pageSize };
    },
    plugins: [
      useRequestLog(logger),
      useLiveness(),
      useResponseHeaders(),
      ...first,
      useAddress(endpoint),
      useAccept(),
      useRequestBody(limits),
      useViewer(authenticate),
      useQuietErrors(),
      ...(introspection ? [] : [useHiddenSchema()]),
      useScopes(),
      useLimits(limits),
      useCostBudget(budget),
      useDeadline(limits.timeoutMs),
      useErrorCodes(),
      ...last,
    ],
  });
}
