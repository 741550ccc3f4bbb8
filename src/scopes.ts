/** Which scopes an operation needs: the one place for what is enforced here, and what is published to routers. */
import type { GraphQLField, GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import { ForbiddenError } from './errors.ts';
import type { Scope, Viewer } from './viewer.ts';

export const OPERATION_SCOPES = { query: 'read', mutation: 'write', subscription: 'read' } as const satisfies Record<
  `${OperationTypeNode}`,
  Scope
>;

/** Spread into the options of a root field that needs one more scope than its operation; its resolver calls `assertScope`. */
export function needsScope(scope: Scope): { extensions: { scope: Scope } } {
  return { extensions: { scope } };
}

/** The scope that a root field says it needs beside that of its operation. */
export function ownScope(field: GraphQLField<unknown, unknown> | undefined): Scope | undefined {
  return field?.extensions.scope as Scope | undefined;
}

/** @throws ForbiddenError unless the token has the scope that the field being resolved needs. */
export function assertScope({ scopes }: Viewer, { parentType, fieldName, operation }: GraphQLResolveInfo): void {
  const scope = ownScope(parentType.getFields()[fieldName]);
  if (scope === undefined || scopes.has(scope)) return;
  throw new ForbiddenError(missingScope(operation.operation, scope));
}

/** What a caller is told whose token lacks the scope. */
export function missingScope(operation: `${OperationTypeNode}`, scope: Scope): string {
  return `This ${operation} needs a token with the scope "${scope}".`;
}
