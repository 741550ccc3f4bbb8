/** Cursors: opaque to clients, a row's place in one list, in one order, of one tenant. */
import { createHash } from 'node:crypto';
import { InvalidInputError, Refusal } from '../errors.ts';
import { splitGlobalId } from '../global-id.ts';
import { unstorable } from '../write/rules.ts';
import type { OrderColumn, OrderTerm } from './order.ts';

export type Value = string | number | Date | null;

/** A row's place: the values of the order's columns, and its ID. */
export type Place = { values: Value[]; id: string };

/** Writes and reads the cursors of one list, in one order, of one tenant. */
export class CursorCodec {
  readonly #terms: readonly OrderTerm[];
  /** Tells apart what the cursor belongs to. Not a secret: a forged cursor only names another place in one's own list. */
  readonly #owner: string;

  constructor(list: string, tenantId: string, terms: readonly OrderTerm[]) {
    this.#terms = terms;
    const order = terms.map(({ column, direction }) => `${column} ${direction}`);
    this.#owner = createHash('sha256')
      .update(JSON.stringify([list, tenantId, order]))
      .digest('base64url')
      .slice(0, 12);
  }

  encode(row: Record<string, unknown>): string {
    const values = this.#terms.map(({ column }) => row[column]);
    return Buffer.from(JSON.stringify([this.#owner, ...values, row.id])).toString('base64url');
  }

  /** @throws Refusal with one sentence for whatever is wrong, so that it tells nothing of other tenants. */
  decode(cursor: string, argument: string): Place {
    const place = this.#parse(cursor);
    if (place !== undefined) return place;
    const message =
      'This is no cursor of this list in this order: take one from its edges or pageInfo, with the same orderBy.';
    throw new Refusal([new InvalidInputError([argument], message)]);
  }

  #parse(cursor: string): Place | undefined {
    const parts = parseJson(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== this.#terms.length + 2 || parts[0] !== this.#owner) return undefined;
    const values = this.#terms.map((term, position) => readValue(parts[position + 1], term));
    const id: unknown = parts.at(-1);
    if (typeof id !== 'string' || splitGlobalId(id)?.id !== id) return undefined;
    return values.every((value) => value !== undefined) ? { values, id } : undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value, if the column could have it: a forged cursor must not become a statement that fails. */
function readValue(part: unknown, { kind, nullable }: OrderColumn): Value | undefined {
  if (part === null) return nullable ? null : undefined;
  if (typeof part === 'number') return fitsNumber(part, kind) ? part : undefined;
  if (typeof part !== 'string') return undefined;
  if (kind === 'text') return unstorable(part) === undefined ? part : undefined;
  const instant = new Date(part);
  return kind === 'instant' && instant.getUTCFullYear() >= 1 && instant.getUTCFullYear() <= 9999 ? instant : undefined;
}

function fitsNumber(value: number, kind: OrderColumn['kind']): boolean {
  return kind === 'integer'
    ? Number.isInteger(value) && Math.abs(value) < 2 ** 31
    : kind === 'decimal' && Number.isFinite(value);
}
