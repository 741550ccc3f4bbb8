/**
 * `npm run documents` writes documents.json, the manifest of trusted documents: the text of each examples/*.graphql by its
 * SHA-256. `--check` writes nothing and exits 2 when the file is another.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { documentHash } from '../src/trusted-documents.ts';

const FOLDER = 'examples';
const FILE = 'documents.json';

/** In the order of the files' names. */
async function readDocuments(): Promise<string[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(files.map((name) => readFile(path.join(FOLDER, name), 'utf8')));
}

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const documents = (await readDocuments()).map((text) => [documentHash(text), text]);
const manifest = `${JSON.stringify(Object.fromEntries(documents), null, 2)}\n`;
if (!values.check) {
  await writeFile(FILE, manifest);
} else if ((await readFile(FILE, 'utf8').catch(() => '')) !== manifest) {
  console.error(`${FILE} is not what ${FOLDER}/ says: run npm run documents and commit it.`);
  process.exitCode = 2;
}
