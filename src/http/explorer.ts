/** GraphiQL in the browser, for people who look at the API: GET on the GraphQL endpoint with `Accept: text/html`. */
import type { Plugin } from 'graphql-yoga';
import { type ExplorerAssets, loadExplorerAssets, respondWithAsset } from './explorer-assets.ts';
import { readExamples, readText } from './explorer-content.ts';
import { LOOK } from './explorer-look.ts';
import { PAGE_HEADERS, renderExplorerPage } from './explorer-page.ts';
import { START_SCRIPT } from './explorer-start.ts';

/** What the page offers to a visitor. */
export type ExplorerOptions = {
  /** Path of the GraphQL endpoint; the page is served there, its files under `<endpoint>/assets/`. */
  endpoint: string;
  /** Makes a token anew for each page view, for visitors on this machine; `undefined`: visitors bring their own. */
  developmentToken?: (() => Promise<string>) | undefined;
};

/** What Yoga's adapter for `node:http` adds to a request; a request that came over no socket has none of it. */
type NodeContext = { req?: { socket: { remoteAddress?: string | undefined } } };

/**
 * The explorer as a Yoga plugin. It answers its page and its files before GraphQL and needs no token for either; every
 * other request it leaves alone. GraphiQL is not loaded before the first visit, and nothing ever from another host.
 *
 * Put it before the plugin that refuses requests without a token, and turn Yoga's own `graphiql` off.
 *
 * @throws when the examples, the README or the schema were not deployed with the code.
 */
export function createExplorer({ endpoint, developmentToken }: ExplorerOptions): Plugin<object, NodeContext> {
  const folder = `${endpoint}/assets`;
  /** Where people look for it. */
  const nearby = ['/', `${endpoint}/`];
  const examples = readExamples();
  const own = {
    'start.js': START_SCRIPT,
    'look.css': LOOK,
    'README.md': readText('README.md'),
    'schema.graphql': readText('schema.graphql'),
  };
  let loading: Promise<ExplorerAssets> | undefined;
  const load = () => {
    loading ??= loadExplorerAssets(folder, own);
    return loading;
  };

  const page = async (request: Request, peer: string | undefined): Promise<Response> => {
    const { urls } = await load();
    const token = isFromThisMachine(request, peer) ? await developmentToken?.() : undefined;
    return new Response(renderExplorerPage({ endpoint, urls, examples, token }), { headers: PAGE_HEADERS });
  };
  const file = async (request: Request, path: string): Promise<Response> => {
    const asset = (await load()).byPath.get(path);
    if (asset === undefined) return new Response('Not found\n', { status: 404 });
    return respondWithAsset(asset, request.headers.get('accept-encoding'));
  };

  return {
    async onRequest({ request, url, serverContext, endResponse }) {
      if (request.method !== 'GET') return;
      if (url.pathname.startsWith(`${folder}/`)) return endResponse(await file(request, url.pathname));
      if (!request.headers.get('accept')?.includes('text/html')) return;
      if (url.pathname === endpoint) endResponse(await page(request, serverContext.req?.socket.remoteAddress));
      else if (nearby.includes(url.pathname)) {
        endResponse(new Response(null, { status: 302, headers: { location: endpoint + url.search } }));
      }
    },
  };
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK_PEERS = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/**
 * Whether a page with a token in it stays on this machine. The connection must come from here (a server on 0.0.0.0 has
 * neighbours), not through a proxy, and for a name of this machine (DNS rebinding gives a stranger's page the address,
 * not the name). A script of another origin says `Origin` or is no navigation, and CORS might let it read the answer.
 */
function isFromThisMachine({ headers, url }: Request, peer: string | undefined): boolean {
  if (peer !== undefined && !LOOPBACK_PEERS.includes(peer)) return false;
  if (['origin', 'forwarded', 'x-forwarded-for', 'x-forwarded-host'].some((name) => headers.has(name))) return false;
  if ((headers.get('sec-fetch-dest') ?? 'document') !== 'document') return false;
  return LOOPBACK_HOST.test(headers.get('host') ?? new URL(url).host);
}
