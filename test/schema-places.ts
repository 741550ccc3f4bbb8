/** Where in the schema a caller can name a record: found by walking it, so that what is new is found too. */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { schema } from '../src/schema.ts';

/** A leaf of a root field's arguments, such as `by.registration.registrationNumber`. */
export type Place = { kind: 'query' | 'mutation'; field: GraphQLField<unknown, unknown>; path: string[]; type: string };

/** What a record is named by, and what could name one: IDs, cursors, and texts in keys and conditions. */
function names(path: readonly string[], type: string, parent: string): boolean {
  const name = path.at(-1) ?? '';
  if (type === 'ID' || type === 'UUID') return true;
  if (type !== 'String') return false;
  return (
    /^(after|before|reference|externalId|email|organizationNumber|registrationNumber|meterId)$/.test(name) ||
    (parent === 'StringFilter' && /^(eq|in|contains)$/.test(name)) ||
    /Key$/.test(parent)
  );
}

export function places(): Place[] {
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
  return (['query', 'mutation'] as const).flatMap((kind) =>
    Object.values(roots[kind]?.getFields() ?? {}).flatMap((field) =>
      field.args.flatMap(({ name, type }) =>
        leaves(type, [name], '').map(({ path, type: leaf }) => ({ kind, field, path, type: leaf })),
      ),
    ),
  );
}

function leaves(
  input: GraphQLInputType,
  path: string[],
  parent: string,
  above: readonly string[] = [],
): { path: string[]; type: string }[] {
  const type = getNamedType(input);
  if (!isInputObjectType(type)) return names(path, type.name, parent) ? [{ path, type: type.name }] : [];
  if (above.includes(type.name)) return []; // and, or, not
  return Object.values(type.getFields()).flatMap((field) =>
    leaves(field.type, [...path, field.name], type.name, [...above, type.name]),
  );
}

export const rootFields = (): string[] =>
  [schema.getQueryType(), schema.getMutationType()].flatMap((type) => Object.keys(type?.getFields() ?? {}));

/** Fields below the root that take a cursor or an ID, such as `Company.energyContracts`. */
export function nestedPlaces(): { type: string; field: string; argument: string }[] {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__') || roots.includes(type)) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args
        .flatMap((argument) => leaves(argument.type, [argument.name], ''))
        .map(({ path }) => ({ type: type.name, field: field.name, argument: path.join('.') })),
    );
  });
}

/** A document that asks for all that the field's answer has, with each argument that is used as a variable. */
export function documentFor({ kind, field, path }: Place): string {
  const used = field.args.filter((argument) => isRequiredArgument(argument) || argument.name === path[0]);
  const variables = used.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const given = used.map(({ name }) => `${name}: $${name}`).join(', ');
  return `${kind} (${variables}) { ${field.name}(${given}) ${selection(field.type, 2)} }`;
}

function selection(output: GraphQLOutputType, depth: number): string {
  const type = getNamedType(output);
  if (!isObjectType(type) && !isInterfaceType(type)) return '';
  const chosen = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    if (isLeafType(getNamedType(field.type))) return [field.name];
    return depth > 0 ? [`${field.name} ${selection(field.type, depth - 1)}`] : [];
  });
  const conflicts = type.name === 'UserError' ? '... on ConflictError { existing { id } }' : '';
  return `{ __typename ${chosen.join(' ')} ${conflicts} }`;
}

/**
 * The variables that put `value` at the place. What is required beside it comes from `fill`, which is asked for the path;
 * `extra` says what an input needs to be accepted.
 */
export function variablesFor(
  { field, path }: Place,
  value: unknown,
  fill: (path: string[]) => unknown,
  extra: (inputType: string) => object,
): Record<string, unknown> {
  const build = (type: GraphQLInputType, at: string[]): unknown => {
    const onPath = at.every((name, index) => path[index] === name);
    if (onPath && at.length === path.length) return isListType(getNullableType(type)) ? [value] : value;
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return fill(at);
    if (!onPath && named.isOneOf) return fill(at);
    const inputs = Object.values(named.getFields()).filter(
      (input) => isRequiredInputField(input) || (onPath && path[at.length] === input.name),
    );
    const built = {
      ...extra(named.name),
      ...Object.fromEntries(inputs.map((input) => [input.name, build(input.type, [...at, input.name])])),
    };
    return isListType(getNullableType(type)) ? [built] : built;
  };
  const given = field.args.filter((argument) => isRequiredArgument(argument) || argument.name === path[0]);
  return Object.fromEntries(given.map((argument) => [argument.name, build(argument.type, [argument.name])]));
}
