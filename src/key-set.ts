/** The keys of an identity provider: fetched from one address, shared by all requests, served on when it is down. */
import {
  type CryptoKey,
  createLocalJWKSet,
  type JWSHeaderParameters,
  errors as joseErrors,
  type LocalJWKSet,
} from 'jose';
import { KeysUnavailableError } from './errors.ts';

export type KeySet = {
  /** @throws KeysUnavailableError when there are no keys; an error of jose when none, or more than one, fits the header. */
  find(header: JWSHeaderParameters): Promise<CryptoKey>;
  /** Whether the provider has given keys since the start; asks it, within the limits below, if it has not. */
  hasArrived(): Promise<boolean>;
};

/** A fetch that gave no keys, in words that may be logged: no path or query of the address, nothing of the answer. */
export type FetchFailure = {
  host: string;
  reason: string;
  /** Since when the keys are served on; `undefined` when no token can be judged. */
  keysFetchedAt: Date | undefined;
};

export type KeySetOptions = {
  /** Milliseconds. */
  now?: () => number;
  onFetchFailure?: ((failure: FetchFailure) => void) | undefined;
};

/** Milliseconds from one fetch to the next, whatever arrives. */
const COOLDOWN = 30_000;
/** The same while there is no key at all, when nobody can be served and the provider may be about to answer. */
const COOLDOWN_WITHOUT_KEYS = 5_000;
/** Age in milliseconds from which keys are fetched again behind the back of the requests that they serve. */
const STALE = 300_000;
/** Milliseconds without a fetch, good or bad, after which requests wait for one: nobody had use for the keys. */
const IDLE = 600_000;
/** Age in milliseconds from which keys are no longer believed. */
const DEAD = 86_400_000;
const TIMEOUT = 2_000;
const MAX_BYTES = 1_000_000;

/**
 * The public keys at `url`, found by what a token's header names (`kid`, `alg`).
 *
 * Fetches nothing before the first token, and at most once per 30 s (per 5 s as long as no fetch has succeeded): when a
 * key is not known, or, without making the request wait, when the keys are 5 minutes old. All requests share a fetch. The
 * first requests after 10 idle minutes wait for it, so that a withdrawn key does not outlive a quiet night.
 * A wrong answer (redirect, not 200, over 1 MB, not a key set, no key in it, more than 2 s) keeps the keys there are,
 * for 24 h after the last good one. jose's own `createRemoteJWKSet` makes requests wait for a refresh, forgets its keys
 * when that fails, and counts only good fetches towards its cooldown.
 */
export function createKeySet(url: URL, { now = Date.now, onFetchFailure }: KeySetOptions = {}): KeySet {
  let keys: { find: LocalJWKSet; fetchedAt: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  let failure: unknown;

  const usableKeys = () => (keys && now() - keys.fetchedAt < DEAD ? keys : undefined);
  const fetchOnce = async (): Promise<void> => {
    triedAt = now();
    try {
      keys = { find: await fetchKeys(url), fetchedAt: triedAt };
    } catch (error) {
      failure = error;
      const served = usableKeys();
      const keysFetchedAt = served && new Date(served.fetchedAt);
      onFetchFailure?.({ host: url.host, reason: reasonOf(error), keysFetchedAt });
    } finally {
      answeredAt = now();
      pending = undefined;
    }
  };
  const refresh = async (): Promise<void> => {
    const elapsed = now() - triedAt;
    // A clock that was set back must not stop the fetches until it has caught up.
    const coolingDown = elapsed >= 0 && elapsed < (usableKeys() ? COOLDOWN : COOLDOWN_WITHOUT_KEYS);
    if (pending === undefined && !coolingDown) pending = fetchOnce();
    await pending;
  };
  const currentKeys = async () => {
    const found = usableKeys();
    if (found === undefined || now() - answeredAt >= IDLE) {
      await refresh();
      return usableKeys();
    }
    if (now() - found.fetchedAt >= STALE) void refresh();
    return found;
  };

  return {
    async find(header) {
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
    },
    async hasArrived() {
      if (keys === undefined) await refresh();
      return keys !== undefined;
    },
  };
}

/** An answer that is no key set; its message quotes nothing of it. */
class KeySetError extends Error {}

/** Messages of others may quote the address or the answer, so their codes and names stand for them. */
function reasonOf(error: unknown): string {
  if (error instanceof KeySetError) return error.message;
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? (typeof code === 'string' ? code : name));
}

async function fetchKeys(url: URL): Promise<LocalJWKSet> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const body = await readBody(response);
  if (response.status !== 200) throw new KeySetError(`The key set was answered with status ${response.status}.`);
  const find = createLocalJWKSet(JSON.parse(body));
  if (find.jwks().keys.length === 0) throw new KeySetError('The key set has no key.');
  return find;
}

/** The body as text; stops reading at the limit, which counts what is left after decompression. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new KeySetError(`The key set is over ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
