/** The HTTP handler: GraphQL, the explorer and the probe. It never listens; `index.ts` does. */
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { CostBudget } from './budget/cost-budget.ts';
import type { Context } from './builder.ts';
import type { Database } from './database/client.ts';
import type { Env } from './env.ts';
import { allowOrigins } from './http/cors.ts';
import { keepError, useErrorCodes } from './http/errors.ts';
import { createExplorer } from './http/explorer.ts';
import { requestState } from './http/request.ts';
import { useCostBudget } from './http/use-cost-budget.ts';
import { useDeadline } from './http/use-deadline.ts';
import { useHiddenSchema } from './http/use-hidden-schema.ts';
import { useLimits } from './http/use-limits.ts';
import { useLiveness } from './http/use-liveness.ts';
import { useRequestBody } from './http/use-request-body.ts';
import { useRequestLog } from './http/use-request-log.ts';
import { useResponseHeaders } from './http/use-response-headers.ts';
import { useScopes } from './http/use-scopes.ts';
import { type TrustedDocuments, useTrustedDocuments } from './http/use-trusted-documents.ts';
import { useViewer } from './http/use-viewer.ts';
import { schema } from './schema.ts';
import type { Authenticate } from './viewer.ts';

export const ENDPOINT = '/graphql';

export type AppOptions = Pick<Env, 'limits' | 'introspection' | 'corsOrigins'> & {
  database: Database;
  authenticate: Authenticate;
  budget: CostBudget;
  logger: Logger;
  /** The only documents accepted; all are when absent. */
  trustedDocuments?: TrustedDocuments | undefined;
  /** GraphiQL at the endpoint; with a token of its own in development. */
  explorer?: { developmentToken?: (() => Promise<string>) | undefined } | undefined;
};

export function createApp(options: AppOptions) {
  const { database, authenticate, budget, logger, limits, introspection, trustedDocuments, explorer } = options;
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: ENDPOINT,
    healthCheckEndpoint: ' ', // Yoga's own answers every address that ends so, and none does: useLiveness
    graphiql: false,
    landingPage: false,
    cors: allowOrigins(options.corsOrigins),
    multipart: false,
    maxRequestBodySize: false, // useRequestBody
    extraParamNames: ['documentId'],
    logging: false,
    maskedErrors: { maskError: keepError },
    context: (initial) => {
      const { viewer } = requestState(initial);
      if (viewer === undefined) throw new Error('The request has no viewer: useViewer must run before GraphQL.');
      return { viewer, db: database.forTenant(viewer.tenantId), maxPageSize: limits.pageSize };
    },
    plugins: [
      useRequestLog(logger),
      useLiveness(),
      useResponseHeaders(),
      ...(explorer ? [createExplorer({ endpoint: ENDPOINT, ...explorer })] : []),
      useRequestBody(limits),
      useViewer(authenticate),
      ...(trustedDocuments ? [useTrustedDocuments(trustedDocuments)] : []),
      ...(introspection ? [] : [useHiddenSchema()]),
      useScopes(),
      useLimits(limits),
      useCostBudget(budget),
      useDeadline(limits.timeoutMs),
      useErrorCodes(),
    ],
  });
}
