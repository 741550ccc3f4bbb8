/** Answers are JSON. A client that takes something else is told so before its operation runs, not after it has written. */
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from './errors.ts';
import { requestState } from './request.ts';

const JSON_ANSWERS = ['*/*', 'application/*', 'application/json', 'application/graphql-response+json'];

/** Refuses with HTTP 406. Reads the header as Yoga does, which picks the media type: weights do not count. */
export function useAccept(): Plugin {
  return {
    onRequestParse({ request, serverContext, endResponse, fetchAPI }) {
      if ((request.headers.get('accept') || '*/*').toLowerCase().split(',').some(isJson)) return;
      const { requestId, codes } = requestState(serverContext);
      const code: ErrorCode = 'BAD_REQUEST';
      codes.push(code);
      const message = `Accept ${JSON_ANSWERS.slice(2).join(' or ')}, in UTF-8.`;
      // Yoga would send an error as an empty body, or as a stream of events.
      const body = { errors: [{ message, extensions: { code, requestId } }] };
      endResponse(fetchAPI.Response.json(body, { status: 406 }));
    },
  };
}

function isJson(range: string): boolean {
  const [type = '', ...parameters] = range.replaceAll(/\s/g, '').split(';');
  const charset = parameters.find((parameter) => parameter.includes('charset='));
  return JSON_ANSWERS.includes(type) && (charset ?? 'charset=utf-8') === 'charset=utf-8';
}
