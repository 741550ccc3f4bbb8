/** What the compiler must find: a mistake on each line that ends with the mark. See client-package.test.ts. */
import { createClient } from '@carbon-gateway/client';
import { FilterAndPageDocument, FirstLookDocument, PatchCompanyDocument } from './documents.js';

createClient({ url: '/graphql' }); // mistake
const client = createClient({ url: '/graphql', token: '' });

await client.query(FilterAndPageDocument); // mistake
await client.query(FilterAndPageDocument, { first: 'three' }); // mistake
await client.query(FirstLookDocument, { first: 3 }); // mistake
await client.query(FirstLookDocument, {}, { repeatable: true }); // mistake

const look = await client.query(FirstLookDocument);
look.data; // mistake
if (look.ok) look.data.companies.nodes[0]?.nmae; // mistake
if (!look.ok && look.failure.kind === 'unreachable') throw look.failure; // mistake

const patched = await client.mutate(PatchCompanyDocument, { by: { id: '1' }, patch: {} }, { repeatable: true });
const [error] = patched.ok ? patched.data.patchCompany.userErrors : [];
error?.currentVersion; // mistake

client.nodes(FirstLookDocument, {}, (data) => data.companies); // mistake
