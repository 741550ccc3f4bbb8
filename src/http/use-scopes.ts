/** Checks the token's scopes once for each operation: `read` for queries, `write` for mutations. */
import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { missingScope, OPERATION_SCOPES } from '../scopes.ts';
import { httpError } from './http-error.ts';
import { requestState } from './request.ts';

/** Answers 403 instead of running what the token lacks the scope for, and leaves the operation's name on the request's state. */
export function useScopes(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation) return; // graphql-js answers that no operation fits
      const state = requestState(args.contextValue);
      state.operation = { kind: operation.operation, name: operation.name?.value };
      const scope = OPERATION_SCOPES[operation.operation];
      if (state.viewer?.scopes.has(scope)) return;
      setResultAndStopExecution({ errors: [httpError(403, 'FORBIDDEN', missingScope(operation.operation, scope))] });
    },
  };
}
