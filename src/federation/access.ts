/** Tells routers what the subgraph itself enforces, so that they can refuse, or leave out of a contract, before they ask. */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLObjectType, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { OPERATION_SCOPES, ownScope } from '../scopes.ts';
import type { Scope } from '../viewer.ts';
import { type Directives, withDirectives } from './directives.ts';
import { isResolvable } from './entities.ts';

const AUTHENTICATED: Directives = { authenticated: [{}] };

/**
 * Every way in asks for a token: root fields, and entities. Scopes are on root fields alone, as here: what a mutation answers
 * needs no scope beside the mutation's. Their names are tags too, by which a contract can do without writes or administration.
 */
export function withAccess(schema: GraphQLSchema): GraphQLSchema {
  const scopesOf = (operation: OperationTypeNode, fieldName: string): Scope[] => {
    const own = ownScope(schema.getRootType(operation)?.getFields()[fieldName]);
    return [OPERATION_SCOPES[operation], ...(own === undefined ? [] : [own])];
  };
  return mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) =>
      isResolvable(type) ? new GraphQLObjectType(withDirectives(type.toConfig(), AUTHENTICATED)) : undefined,
    [MapperKind.QUERY_ROOT_FIELD]: (field, name) =>
      withDirectives(field, accessDirectives(scopesOf(OperationTypeNode.QUERY, name))),
    [MapperKind.MUTATION_ROOT_FIELD]: (field, name) =>
      withDirectives(field, accessDirectives(scopesOf(OperationTypeNode.MUTATION, name))),
  });
}

/** The inner list of `@requiresScopes` is a conjunction. */
function accessDirectives(scopes: readonly Scope[]): Directives {
  return { ...AUTHENTICATED, requiresScopes: [{ scopes: [scopes] }], tag: scopes.map((name) => ({ name })) };
}
