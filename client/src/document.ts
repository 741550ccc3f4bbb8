/** Documents that know the types of their variables and of their answer. */

/**
 * What codegen's client preset makes with `documentMode: 'string'`: a text with types. Structural, so that neither
 * graphql nor the preset's own types are needed to call the client.
 */
export type TypedDocument<Data, Variables> = {
  toString(): string;
  /** Never there when the program runs. */
  __apiType?: (variables: Variables) => Data;
};

/** What follows the document in a call: no variables, optional ones, or required ones. */
export type Rest<Variables, Options> = string extends keyof Variables
  ? [variables?: Record<string, never>, options?: Options]
  : object extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options];

const COMMENTS_AND_STRINGS = /"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|#.*/g;
const INNERMOST_BRACES = /\{[^{}]*\}/g;

/** Whether a document has a mutation among its operations. */
export function isMutation(document: string): boolean {
  let outline = document.replace(COMMENTS_AND_STRINGS, ' ');
  for (let before = ''; before !== outline; ) {
    before = outline;
    outline = outline.replace(INNERMOST_BRACES, ' ; ');
  }
  return /(^|;)\s*mutation\b/.test(outline);
}
