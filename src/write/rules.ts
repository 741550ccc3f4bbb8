/**
 * The rules that inputs of all types share: what a value must be, with one sentence that says what to do when it is not.
 * Each takes a value that GraphQL has already coerced and gives the value to store.
 */
import { z } from 'zod';
import { splitGlobalId } from '../global-id.ts';

/** Larger numbers lose digits: a double holds about 15. */
const LARGEST = 1e15;

/** The longest text that an index entry of PostgreSQL takes in any script, and so the longest key. */
export const KEY_LENGTH = 500;

/** Why PostgreSQL could not give this text back unchanged; `undefined` when it can. */
export function unstorable(value: string): string | undefined {
  if (value.includes('\0')) return 'Remove the NUL character.';
  return value.isWellFormed() ? undefined : 'Remove the lone surrogate: the text is not valid Unicode.';
}

/** Text of any length, kept unchanged. Where it cannot be, no further rule looks at it: one problem is told, not its echoes. */
export const text = z.string().superRefine((value, context) => {
  const message = unstorable(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message, continue: false });
});

/** Text of 1 to `max` characters, counted in code points. */
export function shortText(max: number) {
  const error = `Use 1 to ${max} characters.`;
  return text.refine((value) => value !== '' && hasAtMost(max, value), { error, abort: true });
}

function hasAtMost(max: number, value: string): boolean {
  return value.length <= max || (value.length <= 2 * max && [...value].length <= max);
}

/** Zero has no sign here: PostgreSQL forgets the one of −0 in integers and JSON, and a repeated write must change nothing. */
const unsignedZero = (value: number): number => (value === 0 ? 0 : value);

/** A whole number that GraphQL's `Int` can hold; −0 is stored as 0. */
export function wholeNumber(min: number, max = 2_147_483_647) {
  const message =
    max === 2_147_483_647 ? `Use a whole number of ${min} or more.` : `Use a whole number from ${min} to ${max}.`;
  return z.int(message).min(min, message).max(max, message).transform(unsignedZero);
}

/** A finite number; −0 is stored as 0. */
export function decimal(min: number, max = LARGEST) {
  const message = `Use a number from ${min} to ${max === LARGEST ? '1e15' : max}.`;
  return z.number(message).min(min, message).max(max, message).transform(unsignedZero);
}

/** HTML's rule for <input type="email">. */
export const emailAddress = text.pipe(
  z.email({ pattern: z.regexes.html5Email, error: 'Use an e-mail address such as info@example.com.' }),
);

/** An http or https URL, kept as it was given. */
export const webAddress = text.refine(
  (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
  'Use a URL that starts with http:// or https://.',
);

/** The ID of a record of this type, global or bare. Whether the record exists is for the operation to find out. */
export function idOf(type: string) {
  return z.string().transform((value, context) => {
    const parts = splitGlobalId(value);
    if (parts !== undefined && (parts.type ?? type) === type) return parts.id;
    context.addIssue({ code: 'custom', message: `Use the \`id\` of a ${type} or its bare UUID.` });
    return z.NEVER;
  });
}

/** One of the names that a table describes. */
export function oneOf<Name extends string>(described: Readonly<Record<Name, string>>) {
  return z.enum(Object.keys(described) as [Name, ...Name[]]);
}

/** Drops repetitions and keeps the order of first appearance. */
export function distinct<Item>(items: Item[]): Item[] {
  return [...new Set(items)];
}

/** A list of entries in which `key` appears once; the error points at the second appearance. */
export function entries<Entry extends z.ZodType<object>>(
  entry: Entry,
  key: keyof z.output<Entry> & string,
  max: number,
) {
  return z
    .array(entry)
    .max(max, `Use at most ${max} entries.`)
    .superRefine((list, context) => {
      const seen = new Set<unknown>();
      list.forEach((item, position) => {
        const value = comparable(item[key as keyof typeof item]);
        if (seen.has(value)) {
          context.addIssue({ code: 'custom', message: `Name each ${key} once.`, path: [position, key] });
        }
        seen.add(value);
      });
    });
}

/** Two dates are the same key when they are the same instant. */
function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

/** An instant, which GraphQL's DateTime has parsed. */
export const instant = z.date();

/** A UUID, which GraphQL's UUID has checked. */
export const uuid = z.string();

/** A currency, which GraphQL's Currency has checked. */
export const currency = z.string();
