/** What the plugins that change errors on their way out have in common. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Puts what `change` makes of it in the place of each error of an answer; an answer without errors stays as it is. */
export function changeErrors(
  change: (error: GraphQLError, serverContext: object) => GraphQLError,
): NonNullable<Plugin['onResultProcess']> {
  return ({ result, setResult, serverContext }) => {
    const { errors } = result as ExecutionResult;
    if (Array.isArray(result) || errors === undefined) return;
    setResult({ ...result, errors: errors.map((error) => change(error, serverContext)) });
  };
}
