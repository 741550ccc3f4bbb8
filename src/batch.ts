/** Joins the loads of one request into one statement. */
import DataLoader from 'dataloader';
import type { Context } from './builder.ts';

/** Loads for all keys at once, each given once; a key that the answer lacks has no value. */
type LoadAll<Key, Value> = (context: Context, keys: readonly Key[]) => Promise<ReadonlyMap<string, Value>>;

/**
 * A load that waits for others of the same request and runs once for all. `name` tells keys apart and is where their values
 * are found. Nothing is shared between requests, and so not between tenants.
 */
export function batched<Key, Value>(
  loadAll: LoadAll<Key, Value>,
  name: (key: Key) => string,
): (context: Context, key: Key) => Promise<Value | undefined> {
  const loaders = new WeakMap<Context, DataLoader<Key, Value | undefined, string>>();
  return (context, key) => {
    const loader =
      loaders.get(context) ??
      new DataLoader<Key, Value | undefined, string>(
        async (keys) => {
          const distinct = new Map(keys.map((key) => [name(key), key]));
          const values = await loadAll(context, [...distinct.values()]);
          return keys.map((wanted) => values.get(name(wanted)));
        },
        { cacheKeyFn: name, cache: false },
      );
    loaders.set(context, loader);
    return loader.load(key);
  };
}
