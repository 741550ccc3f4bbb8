/** The keys of an identity provider: fetched from one address, shared by all requests, served on when it is down. */
import {
  type CryptoKey,
  createLocalJWKSet,
  type JWSHeaderParameters,
  errors as joseErrors,
  type LocalJWKSet,
} from 'jose';
import { KeysUnavailableError } from './errors.ts';

export type FindKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/** Milliseconds from one fetch to the next, whatever arrives. */
const COOLDOWN = 30_000;
/** The same while there is no key at all, when nobody can be served and the provider may be about to answer. */
const COOLDOWN_WITHOUT_KEYS = 5_000;
/** Age in milliseconds from which keys are fetched again behind the back of the requests that they serve. */
const STALE = 300_000;
/** Age in milliseconds from which keys are no longer believed. */
const DEAD = 86_400_000;
const TIMEOUT = 2_000;
const MAX_BYTES = 1_000_000;

/**
 * Finds the public key that a token's header names (`kid`, `alg`), in the key set at `url`; `now` is in milliseconds.
 *
 * Fetches nothing before the first token, and at most once per 30 s (per 5 s as long as no fetch has succeeded): when a
 * key is not known, or, without making the request wait, when the keys are 5 minutes old. All requests share a fetch.
 * A wrong answer (redirect, not 200, over 1 MB, not a key set, no key in it, more than 2 s) keeps the keys there are,
 * for 24 h after the last good one. jose's own `createRemoteJWKSet` makes requests wait for a refresh, forgets its keys
 * when that fails, and counts only good fetches towards its cooldown.
 *
 * @throws KeysUnavailableError when there are no keys; an error of jose when none, or more than one, fits the header.
 */
export function createKeySet(url: URL, now: () => number = Date.now): FindKey {
  const { href } = url;
  let keys: { find: LocalJWKSet; fetchedAt: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  let failure: unknown;

  const fetchOnce = async (): Promise<void> => {
    triedAt = now();
    try {
      keys = { find: await fetchKeys(href), fetchedAt: triedAt };
    } catch (error) {
      failure = error;
    } finally {
      pending = undefined;
    }
  };
  const usableKeys = () => (keys && now() - keys.fetchedAt < DEAD ? keys : undefined);
  const refresh = async (): Promise<void> => {
    const elapsed = now() - triedAt;
    // A clock that was set back must not stop the fetches until it has caught up.
    const coolingDown = elapsed >= 0 && elapsed < (usableKeys() ? COOLDOWN : COOLDOWN_WITHOUT_KEYS);
    if (pending === undefined && !coolingDown) pending = fetchOnce();
    await pending;
  };
  const currentKeys = async () => {
    const found = usableKeys();
    if (found === undefined) await refresh();
    else if (now() - found.fetchedAt >= STALE) void refresh();
    return found ?? usableKeys();
  };

  return async (header) => {
    const current = await currentKeys();
    if (current === undefined) {
      const message = "The identity provider's keys are out of reach: send the request again in a few seconds.";
      throw new KeysUnavailableError(message, { cause: failure });
    }
    try {
      return await current.find(header);
    } catch (error) {
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error;
      await refresh();
      const latest = usableKeys();
      if (latest === undefined || latest === current) throw error;
      return latest.find(header);
    }
  };
}

async function fetchKeys(href: string): Promise<LocalJWKSet> {
  const response = await fetch(href, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const body = await readBody(response);
  if (response.status !== 200) throw new Error(`The key set was answered with status ${response.status}.`);
  const find = createLocalJWKSet(JSON.parse(body));
  if (find.jwks().keys.length === 0) throw new Error('The key set has no key.');
  return find;
}

/** The body as text; stops reading at the limit, which counts what is left after decompression. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`The key set is over ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
