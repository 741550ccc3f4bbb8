/** Keeps the schema to those who have it: no introspection, and no error that suggests or lists names. */
import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { changeErrors } from './change-errors.ts';

/** How graphql-js and `accepted-values.ts` begin what they add to a message. */
const SUGGESTION = / (Did you mean|Use one of) .*/s;

/** Must come before `useErrorCodes`, which gives errors their final form. */
export function useHiddenSchema(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
    onResultProcess: changeErrors(withoutSuggestion),
  };
}

function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(SUGGESTION, '');
  return message === error.message ? error : new GraphQLError(message, error);
}
