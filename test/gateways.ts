/** Real gateways in this process, each on a supergraph composed as its maker composes it. They pass the client's token on. */
import { createServer, type Server } from 'node:http';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { getOperationAST, type OperationDefinitionNode, print } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { COMPOSERS, type Subgraph } from './composition.ts';
import { listenOnLoopback } from './loopback.ts';

export type Running = { url: string; stop(): Promise<void> };

export const GATEWAYS = { '@apollo/gateway': startApolloGateway, 'Hive gateway': startHiveGateway };

async function startApolloGateway(subgraphs: readonly Subgraph[], port = 0): Promise<Running> {
  const gateway = new ApolloGateway({
    supergraphSdl: supergraphOf(COMPOSERS.rover(subgraphs.map(withoutAccess))),
    logger: silent,
    buildService: ({ url = '' }) => new AuthorizedSource({ url }),
  });
  const { schema, executor } = await gateway.load();
  /** Plans and fetches in place of executing. */
  const usePlanner: Plugin = {
    onExecute({ args: { document, operationName, variableValues, contextValue }, setExecuteFn }) {
      const operation = getOperationAST(document, operationName) as OperationDefinitionNode;
      const source = print(document);
      const { request } = contextValue as { request: Request };
      setExecuteFn(() =>
        executor({
          document,
          source,
          operation,
          operationName: operationName ?? null,
          queryHash: `${source}#${operationName}`,
          request: { query: source, variables: variableValues ?? {} },
          context: { authorization: request.headers.get('authorization') },
          schema,
          schemaHash: 'unused' as never,
          logger: silent,
          cache: { get: async () => undefined, set: async () => {}, delete: async () => {} },
          metrics: {},
          overallCachePolicy: undefined,
        }),
      );
    },
  };
  const yoga = createYoga({ schema, plugins: [usePlanner], graphqlEndpoint: '/', maskedErrors: false, logging: false });
  return listen(createServer(yoga), port, () => gateway.stop());
}

/** This gateway refuses to start where it should enforce access, which it cannot; we do so in any case. As the README says. */
function withoutAccess({ sdl, ...subgraph }: Subgraph): Subgraph {
  return {
    ...subgraph,
    sdl: sdl.replace(/"@(authenticated|requiresScopes)", |@(authenticated|requiresScopes\([^)]*\))/g, ''),
  };
}

class AuthorizedSource extends RemoteGraphQLDataSource {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource['willSendRequest']>>[0]) {
    if (typeof context?.authorization === 'string') request.http?.headers.set('authorization', context.authorization);
  }
}

async function startHiveGateway(subgraphs: readonly Subgraph[], port = 0): Promise<Running> {
  const gateway = createGatewayRuntime({
    supergraph: supergraphOf(COMPOSERS.hive(subgraphs)),
    graphqlEndpoint: '/',
    landingPage: false,
    maskedErrors: false,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') }),
    },
  });
  return listen(createServer(gateway), port, async () => gateway.dispose());
}

function supergraphOf({ supergraph, problems }: ReturnType<(typeof COMPOSERS)['rover']>): string {
  if (supergraph === undefined) throw new Error(`Not composed: ${problems.join(' ')}`);
  return print(supergraph);
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @throws a sentence when the port is taken. */
export async function listen(
  server: Server,
  port: number,
  close: () => Promise<void> = async () => {},
): Promise<Running> {
  const listening = await listenOnLoopback(server, port).catch(() => {
    throw new Error(`Port ${port} is taken: stop what listens there, this test needs it.`);
  });
  return {
    url: `http://127.0.0.1:${listening}/`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await close();
    },
  };
}
