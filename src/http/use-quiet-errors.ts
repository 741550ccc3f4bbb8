/**
 * Keeps the values of a request out of its errors, where graphql-js and Yoga repeat them: an answer is logged, shown and
 * sent on by those who would never log a request. Which value it was, its place tells: the variable's path, or `locations`.
 */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { changeErrors } from './change-errors.ts';

/** Must come before `useHiddenSchema`, which shortens what this writes, and `useErrorCodes`, which gives errors their final form. */
export function useQuietErrors(): Plugin {
  return { onResultProcess: changeErrors(quiet) };
}

function quiet(error: GraphQLError): GraphQLError {
  const message = withoutValue(error).replaceAll(LONG_NAME, '"$1…"');
  if (message === error.message) return error;
  const { nodes, source, positions, path, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/** A name of a document or a field may be as long as the request. */
const LONG_NAME = /"([^"]{80})[^"]+"/g;

function withoutValue({ message, originalError }: GraphQLError): string {
  const variable = /^Variable "(\$\w+)" got invalid value /.exec(message)?.[1];
  if (variable !== undefined) return aboutVariable(variable, message, originalError?.message ?? '');
  if (message.startsWith('Syntax Error: ')) return message.replace(/ (Int|Float|String|BlockString) ".*/s, ' $1.');
  return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message);
}

/** How graphql-js and Yoga write values, and keys that are no names, into messages; the tests hold the list complete. */
const PATTERNS: readonly [RegExp, string][] = [
  [/^(Expected value of type "[^"]*"), found .*/s, '$1, found something else.'],
  [/^(Argument "\w+") has invalid value .*/s, '$1 has a value that its type does not accept.'],
  [
    /^Unexpected parameter .*/s,
    'A parameter is unknown: send query, operationName, variables, extensions or documentId.',
  ],
];

/** `Variable "$input" at certifications.0: This is no Certification. Use one of …` */
function aboutVariable(variable: string, message: string, problem: string): string {
  const found = message.slice(0, message.length - problem.length);
  const place = / at "([\w.[\]]+)"; $/.exec(found)?.[1] ?? '';
  const inner = place
    .split(/[.[\]]+/)
    .slice(1)
    .filter(Boolean)
    .join('.');
  return `Variable "${variable}"${inner === '' ? '' : ` at ${inner}`}: ${withoutKey(problem)}`;
}

const UNDEFINED = '" is not defined by type "';

/** A key that cannot be the name of a field is no misspelt name, but data. */
function withoutKey(problem: string): string {
  const end = problem.lastIndexOf(UNDEFINED);
  if (end === -1 || /^Field "\w+$/.test(problem.slice(0, end))) return problem;
  return `A field${problem.slice(end + 1)}`;
}
