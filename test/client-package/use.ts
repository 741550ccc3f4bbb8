/** What a frontend writes against the packed client. It runs in a project of its own; see client-package.test.ts. */
import { createClient } from '@carbon-gateway/client';
import { FilterAndPageDocument, FirstLookDocument, PatchCompanyDocument } from './documents.js';

const [url = '', token = ''] = process.argv.slice(2);
const client = createClient({ url, token: async () => token });

const look = await client.query(FirstLookDocument);
if (!look.ok) throw new Error(`${look.failure.kind}: ${look.failure.message}`);
const { totalCount } = look.data.companies;

const patched = await client.mutate(PatchCompanyDocument, {
  by: { externalId: 'NL-001' },
  patch: { city: 'Augsburg' },
  ifVersion: 99,
});
const versions: number[] = [];
if (patched.ok) {
  for (const error of patched.data.patchCompany.userErrors) {
    if (error.__typename === 'StaleVersionError') versions.push(error.currentVersion);
  }
}

const names: string[] = [];
for await (const company of client.nodes(FilterAndPageDocument, { first: 3 }, (data) => data.companies)) {
  names.push(company.name);
}

process.stdout.write(JSON.stringify({ totalCount, versions, names: names.length }));
