/** Top-level errors: each has a code of a closed list and the request's ID; whatever is unexpected is masked. */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { databaseIsAway, databaseIsBusy, statementTookTooLong } from '../database/failures.ts';
import { ForbiddenError, Refusal } from '../errors.ts';
import { changeErrors } from './change-errors.ts';
import { type Failure, type RequestState, requestState } from './request.ts';

/** All the codes there are, and what each means. */
export const ERROR_CODES = {
  UNAUTHENTICATED: 'The token is missing or not accepted.',
  FORBIDDEN: 'The token lacks the scope that the operation needs.',
  BAD_REQUEST: 'The HTTP request is not a GraphQL request.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document has no operation of this name, or several and no name was given.',
  BAD_USER_INPUT: 'A variable or an argument has a value that is not accepted.',
  LIMIT_EXCEEDED: 'The request asks for more than one may; `extensions.limit` has the limit and its maximum.',
  DOCUMENT_NOT_TRUSTED: 'The server takes trusted documents only, and this is none.',
  RATE_LIMITED: "The tenant's cost budget is spent; wait for as long as `Retry-After` says.",
  TIMEOUT: 'The operation took too long and was ended.',
  SERVICE_UNAVAILABLE: 'The database or the identity provider is busy or out of reach; try again later.',
  INTERNAL_SERVER_ERROR: 'A failure of ours; the log has the request ID.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Gives every error its code and request ID as the last step before the answer is written. */
export function useErrorCodes(): Plugin {
  return { onResultProcess: changeErrors((error, serverContext) => present(error, requestState(serverContext))) };
}

/** Yoga's hook for errors. They are presented in one place, `useErrorCodes`, so it changes nothing here. */
export function keepError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Something that is no error was thrown.');
}

function present(error: GraphQLError, state: RequestState): GraphQLError {
  const shown = publicError(error);
  const code = shown.extensions.code as ErrorCode;
  state.codes.push(code);
  if (code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE')
    state.failures.push(failure(innermost(error)));
  const { nodes, source, positions, path } = error;
  return new GraphQLError(shown.message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    ...(path && { path }),
    extensions: { ...shown.extensions, requestId: state.requestId },
  });
}

type PublicError = { message: string; extensions: Record<string, unknown> };

const INTERNAL: PublicError = {
  message: 'Something went wrong on our side: report the requestId.',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

function publicError(error: GraphQLError): PublicError {
  const cause = innermost(error);
  if (cause instanceof Refusal) {
    const [{ path: argument, message }] = cause.userErrors;
    return { message, extensions: { code: 'BAD_USER_INPUT', argument } };
  }
  if (cause instanceof ForbiddenError) {
    return { message: cause.message, extensions: { code: 'FORBIDDEN', http: { status: 403 } } };
  }
  if (cause instanceof GraphQLError) {
    const { code } = error.extensions;
    const known = typeof code === 'string' && code in ERROR_CODES;
    if (known) return { message: error.message, extensions: error.extensions };
    if (error.path !== undefined && !error.message.startsWith('Argument ')) return INTERNAL;
    // Wrong variables: as for a document that does not fit, GraphQL over HTTP has a status for the newer media type only.
    const http = error.path === undefined ? { http: { spec: true, status: 400 } } : {};
    return { message: error.message, extensions: { ...error.extensions, code: 'BAD_USER_INPUT', ...http } };
  }
  if (databaseIsBusy(cause)) return unavailable('The database is busy: try again in a second.');
  if (statementTookTooLong(cause)) {
    const message = 'The database took too long for one statement: ask for less, or by fewer conditions.';
    return { message, extensions: { code: 'TIMEOUT', http: { status: 504 } } };
  }
  if (databaseIsAway(cause)) return unavailable('The database is out of reach: try again later.');
  return error.path === undefined
    ? { ...INTERNAL, extensions: { ...INTERNAL.extensions, http: { status: 500 } } }
    : INTERNAL;
}

function unavailable(message: string): PublicError {
  return {
    message,
    extensions: { code: 'SERVICE_UNAVAILABLE', http: { status: 503, headers: { 'Retry-After': '1' } } },
  };
}

function innermost(error: Error): Error {
  return error instanceof GraphQLError && error.originalError ? innermost(error.originalError) : error;
}

function failure(error: Error): Failure {
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    frames: frames.map((frame) => frame.trim()),
  };
}
