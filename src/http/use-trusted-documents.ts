/** Documents that were agreed on before: clients name one by its hash, and nothing else runs. */
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { httpError } from './http-error.ts';

/** Texts by the SHA-256 of each, in hexadecimal. */
export type TrustedDocuments = ReadonlyMap<string, string>;

/**
 * Takes `documentId`, or `extensions.persistedQuery.sha256Hash` as Apollo's clients send it, with or without `sha256:`
 * before it; and refuses a request that names no trusted document, whatever text it brings.
 */
export function useTrustedDocuments(documents: TrustedDocuments): Plugin {
  return {
    onParams({ params, setParams }) {
      const id = documentId(params);
      const query = documents.get(id ?? '');
      if (query !== undefined) return setParams({ ...params, query });
      const problem = id === undefined ? 'This server takes trusted documents only' : 'No trusted document has this ID';
      throw httpError(
        400,
        'DOCUMENT_NOT_TRUSTED',
        `${problem}: send the hash of one as documentId, and no other text as query.`,
      );
    },
  };
}

type Named = GraphQLParams & { documentId?: unknown };

function documentId({ documentId: id, extensions }: Named): string | undefined {
  const hash = id ?? (extensions?.persistedQuery as { sha256Hash?: unknown } | undefined)?.sha256Hash;
  return typeof hash === 'string' ? hash.replace(/^sha256:/, '').toLowerCase() : undefined;
}
