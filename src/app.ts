/** The HTTP handler: GraphQL, the explorer and the probe. It never listens; `index.ts` does. */
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Context } from './builder.ts';
import type { Database } from './database/client.ts';
import { keepError, useErrorCodes } from './http/errors.ts';
import { createExplorer } from './http/explorer.ts';
import { requestState } from './http/request.ts';
import { useRequestLog } from './http/use-request-log.ts';
import { useScopes } from './http/use-scopes.ts';
import { useViewer } from './http/use-viewer.ts';
import { schema } from './schema.ts';
import type { Authenticate } from './viewer.ts';

export const ENDPOINT = '/graphql';

export type AppOptions = {
  database: Database;
  authenticate: Authenticate;
  logger: Logger;
  /** GraphiQL at the endpoint; with a token of its own in development. */
  explorer?: { developmentToken?: (() => Promise<string>) | undefined } | undefined;
};

export function createApp({ database, authenticate, logger, explorer }: AppOptions) {
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: ENDPOINT,
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
    plugins: [
      useRequestLog(logger),
      ...(explorer ? [createExplorer({ endpoint: ENDPOINT, ...explorer })] : []),
      useViewer(authenticate),
      useScopes(),
      useErrorCodes(),
    ],
  });
}
