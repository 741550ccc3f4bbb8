/** Keeps the schema to those who have it: no introspection, and no error that suggests or lists names. */
import { type ExecutionResult, GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** How graphql-js and `accepted-values.ts` begin what they add to a message. */
const SUGGESTION = / (Did you mean|Use one of) .*/s;

/** Must come before `useErrorCodes`, which gives errors their final form. */
export function useHiddenSchema(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
    onResultProcess({ result, setResult }) {
      const { errors } = result as ExecutionResult;
      if (Array.isArray(result) || errors === undefined) return;
      setResult({ ...result, errors: errors.map(withoutSuggestion) });
    },
  };
}

function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(SUGGESTION, '');
  return message === error.message ? error : new GraphQLError(message, error);
}
