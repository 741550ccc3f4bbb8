/** How much one request may ask for, and the error for one that asks for more. */
import { GraphQLError } from 'graphql';

/** The most that one request may hold; each is a setting. */
export type Limits = {
  bodyBytes: number;
  documentBytes: number;
  tokens: number;
  /** Brackets within brackets, in the document and in the variables. */
  nesting: number;
  /** Fields within fields. */
  depth: number;
  aliases: number;
  directives: number;
  rootFields: number;
  /** Items of a list that a client sends. */
  listItems: number;
  /** Records of a page, and IDs asked for at once. */
  pageSize: number;
  /** Points; see cost.ts. */
  cost: number;
};

/**
 * An error with the code LIMIT_EXCEEDED. `limit` says in `extensions` which one it is and what it allows, so that a client
 * can adapt; `sentence` says what to do. As for a document that does not fit the schema, GraphQL over HTTP has a status
 * for the newer media type only, unless `status` says more.
 */
export function limitExceeded(
  limit: { name: keyof Limits; maximum: number; found?: number },
  sentence: string,
  status?: number,
): GraphQLError {
  const http = status === undefined ? { spec: true, status: 400 } : { status };
  return new GraphQLError(sentence, { extensions: { code: 'LIMIT_EXCEEDED', limit, http } });
}
