/** The demo data in a test's own database, as `npm start` loads it. */
import { openDatabase } from '../src/database/client.ts';
import { DEMO_TENANTS, loadDemo } from '../src/demo.ts';
import type { Api } from './api.ts';

/** The tenant that GraphiQL and the README show. */
export const DEMO_TENANT = DEMO_TENANTS[0].id;

export async function loadDemoInto({ databaseUrl }: Api): Promise<void> {
  const database = openDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    await loadDemo(database);
  } finally {
    await database.close();
  }
}
