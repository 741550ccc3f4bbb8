/** What measurements share: an embedded PostgreSQL of their own, and the gateway on it without a socket. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import { createApp } from '../src/app.ts';
import { createCostBudget } from '../src/budget/cost-budget.ts';
import type { Database } from '../src/database/client.ts';
import { startEmbedded } from '../src/database/embedded.ts';
import { parseEnv } from '../src/env.ts';
import { createAuthenticate } from '../src/viewer.ts';

/** Runs `work` with the owner's URL of a server that is removed afterwards, with all its data. */
export async function withServer(work: (ownerUrl: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-bench-'));
  const embedded = await startEmbedded(folder);
  try {
    await work(embedded.url);
  } finally {
    await embedded.stop();
    await rm(embedded.folder, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks as one tenant. */
export type Post = (query: string, variables: object) => Promise<Response>;

/** The front door for one tenant, with a budget that no measurement spends. */
export async function openFrontDoor(database: Database, tenantId: string): Promise<Post> {
  const secret = randomUUID();
  const env = parseEnv({ JWT_SECRET: secret, TENANT_POINTS_PER_SECOND: '100000000' });
  const app = createApp({
    ...env,
    database,
    authenticate: await createAuthenticate(env.jwt),
    budget: createCostBudget(env.costBudget, database.pool),
    logger: pino({ level: 'silent' }),
  });
  const token = await new SignJWT({ tenant_id: tenantId, sub: 'bench' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return (query, variables) =>
    app.fetch('http://localhost/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
}
