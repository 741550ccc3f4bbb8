/**
 * The explorer's files: its own, and GraphiQL as text out of the npm package @graphql-yoga/render-graphiql, so that no
 * other host is asked for it. 8.8 MB as they are, about 2.1 MB compressed, and a browser fetches them once.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type ExplorerAssets = {
  /** Where a page finds each file; the address holds a hash of the contents and changes with them. */
  urls: Record<AssetName, string>;
  byPath: ReadonlyMap<string, Asset>;
};

type OwnAssetName = 'start.js' | 'look.css' | 'README.md' | 'schema.graphql';
type AssetName =
  | OwnAssetName
  | 'graphiql.js'
  | 'graphiql.css'
  | 'editor.worker.js'
  | 'json.worker.js'
  | 'graphql.worker.js';
type Asset = { type: string; encoded: (encoding: Encoding) => Promise<Buffer> };
type Encoding = 'br' | 'gzip' | 'identity';

/**
 * The explorer's files under `folder`. Reading GraphiQL holds the process up for 0.1 s or more, so it is left until the
 * first visit; files are compressed when they are first asked for.
 */
export async function loadExplorerAssets(folder: string, own: Record<OwnAssetName, string>): Promise<ExplorerAssets> {
  const graphiql = await import('@graphql-yoga/render-graphiql/graphiql');
  const byPath = new Map<string, Asset>();
  const place = (name: AssetName, text: string): string => {
    const url = `${folder}/${createHash('sha256').update(text).digest('hex').slice(0, 16)}/${name}`;
    byPath.set(url, createAsset(name, text));
    return url;
  };
  const urls: ExplorerAssets['urls'] = {
    'start.js': place('start.js', own['start.js']),
    'look.css': place('look.css', own['look.css']),
    'README.md': place('README.md', own['README.md']),
    'schema.graphql': place('schema.graphql', own['schema.graphql']),
    'graphiql.js': place('graphiql.js', graphiql.js),
    'graphiql.css': place('graphiql.css', graphiql.css),
    'editor.worker.js': place('editor.worker.js', graphiql.editorWorkerService),
    'json.worker.js': place('json.worker.js', graphiql.jsonWorker),
    'graphql.worker.js': place('graphql.worker.js', graphiql.graphqlWorker),
  };
  return { urls, byPath };
}

/** `asset` as an HTTP answer, in the smallest encoding that an `Accept-Encoding` header allows. */
export async function respondWithAsset(asset: Asset, acceptEncoding: string | null): Promise<Response> {
  const encoding = smallestEncoding(acceptEncoding);
  const body = await asset.encoded(encoding);
  return new Response(new Uint8Array(body), {
    headers: {
      'content-type': asset.type,
      'content-length': String(body.length),
      ...(encoding !== 'identity' && { 'content-encoding': encoding }),
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** Markdown and GraphQL are read in the browser, not downloaded. */
const TEXT_TYPES: Record<string, string> = { '.css': 'css', '.js': 'javascript' };

function createAsset(name: AssetName, text: string): Asset {
  const kept = new Map<Encoding, Promise<Buffer>>();
  return {
    type: `text/${TEXT_TYPES[path.extname(name)] ?? 'plain'}; charset=utf-8`,
    encoded: (encoding) => {
      const body = kept.get(encoding) ?? encode(text, encoding);
      kept.set(encoding, body);
      return body;
    },
  };
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Runs in zlib's threads. Brotli's quality 5 takes 0.3 s for all files; 9 takes four times as long and saves 4 %. */
async function encode(text: string, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'br') return brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return encoding === 'gzip' ? gzipped(text) : Buffer.from(text);
}

function smallestEncoding(acceptEncoding: string | null): Encoding {
  const accepted = (acceptEncoding ?? '')
    .toLowerCase()
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.replace(/;.*/, '').trim());
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding)) ?? 'identity';
}
