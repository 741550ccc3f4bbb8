/** All pages of a connection, one request after the other, each when the loop asks for it. */
import { RequestFailedError, type Result } from './result.ts';

/** A connection as a document asks for it: the nodes, and where the next page begins. */
export type Connection<Node> = {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/** Yields each page; a failure is the last thing yielded. `connection` is null where a record on the way to it is missing. */
export async function* pagesOf<Page extends Connection<unknown>>(
  ask: (after: string | undefined) => Promise<Result<Page | null | undefined>>,
): AsyncGenerator<Result<Page>, void, undefined> {
  for (let after: string | undefined; ; ) {
    const result = await ask(after);
    if (!result.ok) return yield result;
    const { data: page } = result;
    if (!page) return;
    yield { ok: true, data: page };
    const { hasNextPage, endCursor } = page.pageInfo;
    if (!hasNextPage || endCursor === null) return;
    after = endCursor;
  }
}

/** Yields each node of each page. @throws RequestFailedError when a page cannot be had. */
export async function* nodesOf<Node>(
  pages: AsyncIterable<Result<Connection<Node>>>,
): AsyncGenerator<Node, void, undefined> {
  for await (const page of pages) {
    if (!page.ok) throw new RequestFailedError(page.failure);
    yield* page.data.nodes;
  }
}
