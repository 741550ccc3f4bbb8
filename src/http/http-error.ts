/** How a request ends with an HTTP status of its own. */
import { GraphQLError } from 'graphql';
import type { ErrorCode } from './errors.ts';

/** An error that is answered with this HTTP status, whatever media type the client accepts. */
export function httpError(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status, headers } } });
}
