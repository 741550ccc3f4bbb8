/** A request whose headers are sent as they stand: `fetch` trims values, joins names and refuses some of both. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type RawAnswer = { status: number; headers: IncomingHttpHeaders; body: string };

/** POSTs JSON, or GETs without a body. `headers` are names and values in turn. */
export function rawRequest(url: string, headers: readonly string[], json?: unknown): Promise<RawAnswer> {
  const { host } = new URL(url);
  const body = json === undefined ? undefined : JSON.stringify(json);
  const own =
    body === undefined ? [] : ['content-type', 'application/json', 'content-length', `${Buffer.byteLength(body)}`];
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: ['host', host, ...own, ...headers],
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      text(response).then((answer) => resolve({ status, headers: response.headers, body: answer }), reject);
    });
    sent.end(body);
  });
}
