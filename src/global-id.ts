/** Global IDs are `Type:uuid`. Clients treat them as opaque; wherever one is asked for, the bare UUID is taken too. */
import { InvalidInputError, Refusal } from './errors.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The global ID of a record; `type` is its name in the schema. */
export function toGlobalId(type: string, id: string): string {
  return `${type}:${id}`;
}

/** The parts of a global ID or a bare UUID, which has no type; `undefined` for anything else. */
export function splitGlobalId(text: string): { type: string | undefined; id: string } | undefined {
  const colon = text.indexOf(':');
  const id = text.slice(colon + 1);
  if (!UUID.test(id)) return undefined;
  return { type: colon === -1 ? undefined : text.slice(0, colon), id: id.toLowerCase() };
}

/**
 * The UUID in an ID that must be one of this type.
 *
 * @throws Refusal when it is no ID, or that of another type.
 */
export function parseId(type: string, text: string, path: readonly string[]): string {
  const parts = splitGlobalId(text);
  if (parts !== undefined && (parts.type === undefined || parts.type === type)) return parts.id;
  const form = `Use the \`id\` of a ${type} or its bare UUID.`;
  throw new Refusal([
    new InvalidInputError(
      path,
      parts?.type === undefined ? `This is not an ID. ${form}` : `This ID is not that of a ${type}. ${form}`,
    ),
  ]);
}
