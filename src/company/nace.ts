/** NACE, the European classification of economic activities. Source: Eurostat, NACE Rev. 2 (2008) and Rev. 2.1 (2025). */

/** Each section's divisions, first and last. */
const REVISION_2 =
  'A01-03 B05-09 C10-33 D35-35 E36-39 F41-43 G45-47 H49-53 I55-56 J58-63 K64-66 L68-68 M69-75 N77-82 O84-84 P85-85 Q86-88 R90-93 S94-96 T97-98 U99-99';
const REVISION_2_1 =
  'A01-03 B05-09 C10-33 D35-35 E36-39 F41-43 G46-47 H49-53 I55-56 J58-60 K61-63 L64-66 M68-68 N69-75 O77-82 P84-84 Q85-85 R86-88 S90-93 T94-96 U97-98 V99-99';

const REVISIONS = [parseSections(REVISION_2), parseSections(REVISION_2_1)];

function parseSections(table: string): Map<string, { first: string; last: string }> {
  return new Map(table.split(' ').map((row) => [row.charAt(0), { first: row.slice(1, 3), last: row.slice(4) }]));
}

/** A section, a division, a group or a class, with or without dots: `M`, `M71`, `M71.1`, `D35.11`, `d3511`. */
const FORM = /^([A-V])(?:\.?(\d{2})(?:\.?(\d{1,2}))?)?$/i;

/**
 * The canonical form of a NACE code (`M71`, `D35.11`); `undefined` for what is none. Letter and division must belong
 * together in Rev. 2 or in Rev. 2.1: `M71` exists in the former only.
 */
export function canonicalNaceCode(code: string): string | undefined {
  const [, letter = '', division, rest] = FORM.exec(code) ?? [];
  const section = letter.toUpperCase();
  if (!REVISIONS.some((sections) => holds(sections.get(section), division))) return undefined;
  return `${section}${division ?? ''}${rest === undefined ? '' : `.${rest}`}`;
}

function holds(section: { first: string; last: string } | undefined, division: string | undefined): boolean {
  if (section === undefined) return false;
  return division === undefined || (section.first <= division && division <= section.last);
}

/** What is accepted in place of this code: the divisions of its letter, in both revisions. */
export function naceHint(code: string): string {
  const letter = code.charAt(0).toUpperCase();
  const [rev2, rev21] = REVISIONS.map((sections) => sections.get(letter));
  if (!/^[A-V]\.?\d/i.test(code) || (rev2 === undefined && rev21 === undefined)) {
    return 'Use a NACE code such as M, M71, M71.1 or D35.11: a letter from A to V, a division, a group or class.';
  }
  const range = (section: { first: string; last: string } | undefined) =>
    section === undefined
      ? 'none'
      : section.first === section.last
        ? section.first
        : `${section.first} to ${section.last}`;
  return `Use a division of section ${letter}: ${range(rev2)} in NACE Rev. 2, ${range(rev21)} in Rev. 2.1.`;
}

/** Every division of the code's section, in both revisions: `M68`, `M69` … `M75`; none for what has no such section. */
export function naceDivisions(code: string): string[] {
  const letter = code.charAt(0).toUpperCase();
  const numbers = REVISIONS.flatMap((sections) => {
    const { first, last } = sections.get(letter) ?? { first: '1', last: '0' };
    return Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, step) => Number(first) + step);
  });
  return [...new Set(numbers)].sort((a, b) => a - b).map((number) => `${letter}${String(number).padStart(2, '0')}`);
}
