/** Checks the token's scopes once for each operation: `read` for queries, `write` for mutations. */
import { GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { OPERATION_SCOPES } from '../scopes.ts';
import { requestState } from './request.ts';

export function useScopes(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation) return; // graphql-js answers that no operation fits
      const state = requestState(args.contextValue);
      state.operation = { kind: operation.operation, name: operation.name?.value };
      const scope = OPERATION_SCOPES[operation.operation];
      if (state.viewer?.scopes.has(scope)) return;
      const message = `This ${operation.operation} needs a token with the scope "${scope}".`;
      const extensions = { code: 'FORBIDDEN', http: { status: 403 } };
      setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions })] });
    },
  };
}
