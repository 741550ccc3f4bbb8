/**
 * `npm run schema` writes schema.graphql, and what a registry composes as subgraph.graphql, from the code; `--check` writes
 * nothing and exits 2 when a file is another.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { printSchema } from 'graphql';
import { schema, subgraph } from '../src/schema.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const files = { 'schema.graphql': `${printSchema(schema)}\n`, 'subgraph.graphql': subgraph().sdl };
for (const [file, printed] of Object.entries(files)) {
  if (!values.check) {
    await writeFile(file, printed);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== printed) {
    console.error(`${file} is not what the code says: run npm run schema and commit it.`);
    process.exitCode = 2;
  }
}
