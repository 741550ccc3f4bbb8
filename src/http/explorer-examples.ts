/** The examples: what a visitor finds in the explorer's tabs, from the folder `examples/` beside `src/` and `dist/`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export type Example = {
  /** The file's name without its ending: `2-filter-and-page`. The number is its place among the tabs. */
  name: string;
  /** A comment that says what it shows, and one operation. */
  document: string;
  /** JSON as a person writes it; `undefined` where the operation takes none. */
  variables: string | undefined;
};

const FOLDER = path.resolve(import.meta.dirname, '../../examples');
const DOCUMENT = '.graphql';
const VARIABLES = '.variables.json';

/** All examples in their order. @throws when the folder was not deployed with the code. */
export function readExamples(): Example[] {
  const files = new Set(listFolder());
  const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8').trimEnd();
  return [...files]
    .filter((file) => file.endsWith(DOCUMENT))
    .sort()
    .map((file) => {
      const name = file.slice(0, -DOCUMENT.length);
      const variables = name + VARIABLES;
      return { name, document: read(file), variables: files.has(variables) ? read(variables) : undefined };
    });
}

function listFolder(): string[] {
  try {
    return readdirSync(FOLDER);
  } catch (cause) {
    throw new Error(`GraphiQL opens with what is in ${FOLDER}: deploy that folder too, or set GRAPHIQL=false.`, {
      cause,
    });
  }
}
