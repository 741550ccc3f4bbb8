/** What the explorer shows of the project itself: files of the package's root, beside `src/` as well as beside `dist/`. */
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

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCUMENT = '.graphql';
const VARIABLES = '.variables.json';

/** What `examples/` holds, in the order of the tabs. @throws when the folder was not deployed with the code. */
export function readExamples(): Example[] {
  const files = deployed('examples', (place) => readdirSync(place));
  return files
    .filter((file) => file.endsWith(DOCUMENT))
    .sort()
    .map((file) => {
      const name = file.slice(0, -DOCUMENT.length);
      const variables = name + VARIABLES;
      return {
        name,
        document: readText(`examples/${file}`).trimEnd(),
        variables: files.includes(variables) ? readText(`examples/${variables}`).trimEnd() : undefined,
      };
    });
}

/** A file of the package's root as text. @throws when it was not deployed with the code. */
export function readText(file: string): string {
  return deployed(file, (place) => readFileSync(place, 'utf8'));
}

function deployed<Contents>(name: string, read: (place: string) => Contents): Contents {
  const place = path.join(ROOT, name);
  try {
    return read(place);
  } catch {
    throw new Error(`GraphiQL shows ${place}, which cannot be read: deploy it too, or set GRAPHIQL=false.`);
  }
}
