/** The demo tenants: something to look at in the first minute. Loaded into an empty embedded database and nowhere else. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { upsertCompanies } from './company/operations.ts';
import type { Database } from './database/client.ts';
import { Refused } from './errors.ts';
import type { Input } from './write/fields.ts';

const directory = path.resolve(import.meta.dirname, '../prisma/demo');

/** The first one is that of the token printed at start. */
export const DEMO_TENANTS = [
  { id: '0de30000-0000-4000-8000-000000000001', name: 'nordlicht' },
  { id: '0de30000-0000-4000-8000-000000000002', name: 'alpenblick' },
] as const;

/** Writes what prisma/demo says, through the operations that clients use; what is there already stays as it is. */
export async function loadDemo(database: Database): Promise<void> {
  for (const { id, name } of DEMO_TENANTS) {
    const { companies } = JSON.parse(await readFile(path.join(directory, `${name}.json`), 'utf8')) as {
      companies: Input[];
    };
    const results = await upsertCompanies({ db: database.forTenant(id) }, companies);
    const refused = results.find((result) => result instanceof Refused);
    if (refused) throw new Error(`prisma/demo/${name}.json: ${refused.userErrors[0]?.message}`);
  }
}
