/**
 * GraphQL over HTTP: an operation comes as JSON by POST, or a query in the address by GET. Nothing else is read: a form
 * or a plain text could be sent by any page that a browser visits, without asking first.
 */
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { type Limits, limitExceeded } from '../limits/exceeded.ts';
import { httpError } from './http-error.ts';

const JSON_TYPES = ['application/json', 'application/graphql+json'];

/** Refuses with HTTP 405, 415, 413 or 400 what is no such request. Reads no body before the plugins after it agree. */
export function useRequestBody({ bodyBytes }: Pick<Limits, 'bodyBytes'>): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') return setRequestParser(({ url }) => parseAddress(new URL(url).searchParams));
      if (request.method !== 'POST') {
        throw httpError(405, 'BAD_REQUEST', 'Send GraphQL by POST, or a query by GET.', { Allow: 'GET, POST' });
      }
      checkHeaders(request.headers, bodyBytes);
      setRequestParser(async (posted) => parseBody(await readText(posted, bodyBytes)));
    },
  };
}

function checkHeaders(headers: Headers, maximum: number): void {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => /^\s*charset="?([^"\s]*)"?\s*$/.exec(parameter)?.[1]).find(Boolean);
  if (!JSON_TYPES.includes(type.trim()) || (charset ?? 'utf-8') !== 'utf-8') {
    throw httpError(415, 'BAD_REQUEST', 'Send the body as application/json in UTF-8.', { Accept: 'application/json' });
  }
  if (headers.has('content-encoding') && headers.get('content-encoding') !== 'identity') {
    throw httpError(415, 'BAD_REQUEST', 'Send the body as it is, without a content-encoding.', {
      'Accept-Encoding': 'identity',
    });
  }
  const length = Number(headers.get('content-length') ?? 0);
  if (length > maximum) throw tooLarge(maximum);
}

/** The body as text; reading stops at the limit, whatever length was announced. */
async function readText(request: Request, maximum: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > maximum) throw tooLarge(maximum);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw badRequest('The body is not UTF-8: encode it so.');
  }
}

/** The rest of the body is not read, so the connection cannot be used again. */
function tooLarge(maximum: number) {
  const sentence = `The body is too large: send at most ${maximum} bytes at once.`;
  const error = limitExceeded({ name: 'bodyBytes', maximum }, sentence, 413);
  Object.assign(error.extensions.http as object, { headers: { Connection: 'close' } });
  return error;
}

function parseBody(text: string): GraphQLParams {
  const body = parseJson(text, 'The body');
  if (Array.isArray(body)) throw badRequest('Send one request at a time: batches are not taken.');
  if (typeof body !== 'object' || body === null) throw badRequest('The body must be a JSON object with a query.');
  return body;
}

function parseAddress(parameters: URLSearchParams): GraphQLParams {
  const json = (name: string) => parseJson(parameters.get(name) || 'null', name) as Record<string, unknown> | null;
  return {
    query: parameters.get('query') || undefined,
    operationName: parameters.get('operationName') || undefined,
    variables: json('variables') ?? undefined,
    extensions: json('extensions') ?? undefined,
    ...(parameters.has('documentId') && { documentId: parameters.get('documentId') }),
  } as GraphQLParams;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not JSON: send an object such as {"query": "{ viewer { subject } }"}.`);
  }
}

function badRequest(message: string) {
  return httpError(400, 'BAD_REQUEST', message);
}
