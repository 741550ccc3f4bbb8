/**
 * Who may use a connection, and when. The pool has few of them, and a tenant whose statements are slow, or whose writes
 * wait for each other, would hold all: so each tenant has a share, and waits for it in a queue of its own length.
 */

/** No connection came free in time, or too many wait already: worth another try in a second. */
export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError';
}

export type ConnectionShares = {
  /** Runs `work` when a connection may be used. @throws DatabaseBusyError instead, without having begun. */
  run<Result>(tenantId: string, work: () => Promise<Result>): Promise<Result>;
};

/** A quarter of the connections, one at least, is never held by one tenant alone. */
const LARGEST_SHARE = 0.75;
/** How many of a tenant may wait for each connection; one more is refused at once. */
const QUEUE_PER_CONNECTION = 50;

export function createConnectionShares(connections: number, patienceMs: number): ConnectionShares {
  const share = Math.max(1, Math.floor(connections * LARGEST_SHARE));
  const used = new Map<string, number>();
  const waiting: { tenantId: string; start(): void }[] = [];
  let inUse = 0;

  const isFree = (tenantId: string) => inUse < connections && (used.get(tenantId) ?? 0) < share;
  const take = (tenantId: string, change: 1 | -1) => {
    const left = (used.get(tenantId) ?? 0) + change;
    inUse += change;
    if (left === 0) used.delete(tenantId);
    else used.set(tenantId, left);
  };
  const giveBack = (tenantId: string) => {
    take(tenantId, -1);
    const next = waiting.findIndex((waiter) => isFree(waiter.tenantId));
    if (next !== -1) waiting.splice(next, 1)[0]?.start();
  };
  const wait = (tenantId: string) =>
    new Promise<void>((resolve, reject) => {
      const waiter = {
        tenantId,
        start() {
          clearTimeout(timer);
          take(tenantId, 1);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new DatabaseBusyError(`No connection came free in ${patienceMs} ms.`));
      }, patienceMs);
      waiting.push(waiter);
    });

  return {
    async run(tenantId, work) {
      if (isFree(tenantId)) take(tenantId, 1);
      else if (waiting.filter((waiter) => waiter.tenantId === tenantId).length < share * QUEUE_PER_CONNECTION)
        await wait(tenantId);
      else throw new DatabaseBusyError('Too many statements of this tenant wait for a connection.');
      try {
        return await work();
      } finally {
        giveBack(tenantId);
      }
    },
  };
}
