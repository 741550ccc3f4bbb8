/** The demo tenants: something to look at in the first minute. Loaded into an empty embedded database and nowhere else. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { customers } from './co2-customer/operations.ts';
import { companies } from './company/operations.ts';
import { patchCompensationTerms } from './compensation-terms/operations.ts';
import type { Database } from './database/client.ts';
import { contracts } from './energy-contract/operations.ts';
import { Refused } from './errors.ts';
import type { Input } from './write/fields.ts';

const directory = path.resolve(import.meta.dirname, '../prisma/demo');

/** The first one is that of the token printed at start. */
export const DEMO_TENANTS = [
  { id: '0de30000-0000-4000-8000-000000000001', name: 'nordlicht' },
  { id: '0de30000-0000-4000-8000-000000000002', name: 'alpenblick' },
] as const;

/** What a file in prisma/demo holds: inputs as a client sends them. */
type Demo = { companies: Input[]; co2Customers?: Input[]; compensationTerms?: Input; energyContracts?: Input[] };

/** Writes what prisma/demo says, through the operations that clients use; what is there already stays as it is. */
export async function loadDemo(database: Database): Promise<void> {
  for (const { id, name } of DEMO_TENANTS) {
    const demo: Demo = JSON.parse(await readFile(path.join(directory, `${name}.json`), 'utf8'), parseInstant);
    const db = database.forTenant(id);
    const results = [
      ...(await companies.upsertAll(db, demo.companies)),
      ...(await customers.upsertAll(db, demo.co2Customers ?? [])),
      ...(await contracts.upsertAll(db, demo.energyContracts ?? [])),
    ];
    if (demo.compensationTerms) await patchCompensationTerms({ db }, demo.compensationTerms);
    const refused = results.find((result) => result instanceof Refused);
    if (refused) throw new Error(`prisma/demo/${name}.json: ${refused.userErrors[0]?.message}`);
  }
}

const INSTANTS = new Set(['timestamp', 'validFrom', 'validTo']);

/** What GraphQL's DateTime does for a client. */
function parseInstant(key: string, value: unknown): unknown {
  return INSTANTS.has(key) && typeof value === 'string' ? new Date(value) : value;
}
