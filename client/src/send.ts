/** One HTTP exchange with the gateway, whatever comes of it, as a result. */
import { aborted, type Failure, fail, type RequestError, type Result } from './result.ts';

export type Gateway = {
  url: string | URL;
  token: string | (() => string | Promise<string>);
  fetch: typeof fetch;
};

/** Asks for the token anew, so that a repetition has a fresh one. Never throws. */
export async function send<Data>(
  { url, token, fetch }: Gateway,
  body: string,
  signal: AbortSignal | undefined,
): Promise<Result<Data>> {
  if (signal?.aborted) return aborted(signal);
  let authorization: string;
  try {
    authorization = `Bearer ${typeof token === 'string' ? token : await token()}`;
  } catch (cause) {
    return fail({ kind: 'unauthenticated', message: 'The function that gives the token threw an error.', cause });
  }
  let response: Response;
  let text: string;
  try {
    const accept = 'application/graphql-response+json, application/json';
    const headers = { authorization, accept, 'content-type': 'application/json' };
    response = await fetch(url, { method: 'POST', headers, body, signal: signal ?? null });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) return aborted(signal);
    return fail({
      kind: 'unavailable',
      message: 'The gateway could not be reached, or ended its answer early.',
      cause,
    });
  }
  return read(response, text);
}

function read<Data>(response: Response, text: string): Result<Data> {
  const answer = parseAnswer<Data>(text);
  const errors = answer?.errors;
  if (answer?.data != null && errors === undefined && response.ok) return { ok: true, data: answer.data };
  const { status, headers } = response;
  const requestId = errors?.[0]?.extensions?.requestId ?? headers.get('x-request-id');
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  return fail({
    kind: kindOf(status, errors?.[0]?.extensions?.code),
    message:
      errors?.[0]?.message ??
      `The answer, HTTP ${status}, is not GraphQL: check the url, and what stands before the gateway.`,
    status,
    ...(requestId != null && { requestId }),
    ...(errors && { errors }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

type Answer<Data> = { data?: Data | null; errors?: readonly RequestError[] };

/** `undefined` for what a proxy or another server says. */
function parseAnswer<Data>(text: string): Answer<Data> | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
    return isAnswer ? (answer as Answer<Data>) : undefined;
  } catch {
    return undefined;
  }
}

/** The status comes first: a proxy in between knows no codes. An error beside data comes with status 200. */
function kindOf(status: number, code: string | undefined): Failure['kind'] {
  if (status === 401 || code === 'UNAUTHENTICATED') return 'unauthenticated';
  if ([429, 502, 503, 504].includes(status) || code === 'SERVICE_UNAVAILABLE') return 'unavailable';
  if (status === 403 || code === 'FORBIDDEN') return 'forbidden';
  return status >= 500 || code === 'INTERNAL_SERVER_ERROR' ? 'failed' : 'invalid';
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from `now`. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const time = /^\d+$/.test(header) ? now + Number(header) * 1000 : Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
