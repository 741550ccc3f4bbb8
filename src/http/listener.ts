/** The handler for `node:http`. */
import type { RequestListener } from 'node:http';
import { RESPONSE_HEADERS } from './use-response-headers.ts';

/**
 * Answers 400 to a request whose host and path make no URL: Yoga's adapter reads it before it calls any plugin, and answers
 * its own failures with their stack.
 */
export function createListener(handle: RequestListener): RequestListener {
  return (request, response) => {
    const { host = 'localhost' } = request.headers;
    if (URL.canParse(`http://${host}${request.url}`)) handle(request, response);
    else response.writeHead(400, { ...RESPONSE_HEADERS, connection: 'close' }).end();
  };
}
