/** Refuses what would take the server too much work, at the first moment when it can be known. */
import { type DocumentNode, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { operationCost } from '../limits/cost.ts';
import { checkDocumentShape } from '../limits/document-shape.ts';
import { checkDocumentText } from '../limits/document-text.ts';
import { type Limits, limitExceeded } from '../limits/exceeded.ts';
import { checkVariables } from '../limits/variables.ts';
import { requestState } from './request.ts';

/**
 * Text before it is parsed, the document before it is validated, the variables before they are coerced, and the cost before
 * anything runs. Leaves the cost on the request's state.
 */
export function useLimits(limits: Limits): Plugin {
  const accepted = new WeakSet<DocumentNode>();
  return {
    onParse({ params: { source } }) {
      checkDocumentText(typeof source === 'string' ? source : source.body, limits);
      return ({ result }) => {
        if (result === null || result instanceof Error || accepted.has(result)) return;
        checkDocumentShape(result, limits);
        accepted.add(result);
      };
    },
    onExecute({ args: { schema, document, operationName, variableValues, contextValue } }) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return; // graphql-js answers that no operation fits
      const variables = variableValues ?? {};
      checkVariables(schema, operation, variables, limits);
      const cost = operationCost(schema, document, operation, variables);
      requestState(contextValue).cost = cost;
      if (cost <= limits.cost) return;
      throw limitExceeded(
        { name: 'cost', maximum: limits.cost, found: cost },
        `The operation costs ${cost} points, and one may cost ${limits.cost}: ask for smaller pages, or split it.`,
      );
    },
  };
}
