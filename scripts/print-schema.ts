/** `npm run schema` writes schema.graphql from the code; `--check` writes nothing and exits 2 when the file is another. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { printSchema } from 'graphql';
import { schema } from '../src/schema.ts';

const FILE = 'schema.graphql';

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const printed = `${printSchema(schema)}\n`;
if (!values.check) {
  await writeFile(FILE, printed);
} else if ((await readFile(FILE, 'utf8')) !== printed) {
  console.error(`${FILE} is not what the code says: run npm run schema and commit it.`);
  process.exitCode = 2;
}
