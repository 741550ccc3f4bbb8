/** What a document's text may be before it is parsed: the parser recurses with each bracket, and its work grows with the text. */
import { Lexer, Source, TokenKind } from 'graphql';
import { type Limits, limitExceeded } from './exceeded.ts';

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Refuses a text that is too long, has too many tokens or nests too deeply. graphql-js's lexer reads it without recursion,
 * so strings and comments count as what they are; a text that the lexer cannot read is left to the parser's own error.
 *
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export function checkDocumentText(text: string, limits: Limits): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.documentBytes) {
    throw limitExceeded(
      { name: 'documentBytes', maximum: limits.documentBytes, found: bytes },
      `The document has ${bytes} bytes: send at most ${limits.documentBytes}, and values as variables.`,
    );
  }
  let nesting = 0;
  let tokens = 0;
  for (const kind of tokenKinds(text)) {
    tokens += 1;
    if (OPENING.has(kind)) nesting += 1;
    if (CLOSING.has(kind)) nesting -= 1;
    if (nesting > limits.nesting) {
      throw limitExceeded(
        { name: 'nesting', maximum: limits.nesting },
        `The document nests brackets too deeply: at most ${limits.nesting} within each other.`,
      );
    }
    if (tokens > limits.tokens) {
      throw limitExceeded(
        { name: 'tokens', maximum: limits.tokens },
        `The document has more than ${limits.tokens} tokens: ask for less at once, and send values as variables.`,
      );
    }
  }
}

function* tokenKinds(text: string): Generator<string> {
  const lexer = new Lexer(new Source(text));
  for (;;) {
    try {
      const { kind } = lexer.advance();
      if (kind === TokenKind.EOF) return;
      yield kind;
    } catch {
      return;
    }
  }
}
