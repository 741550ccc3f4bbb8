/** The SDL that registries compose: the schema, with directives for what it says of itself in other words. */
import { MapperKind, mapSchema, printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type GraphQLField,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isObjectType,
  parse,
  visit,
} from 'graphql';
import type { FieldCost, ListCost } from '../field-cost.ts';
import { type Directives, withDirectives } from './directives.ts';
import { entityOf, isResolvable } from './entities.ts';

/** What a subgraph imports from the federation specification when it uses it. */
const IMPORTS = new Set(
  [
    ['authenticated', 'composeDirective', 'context', 'cost', 'extends', 'external', 'fromContext', 'inaccessible'],
    ['interfaceObject', 'key', 'listSize', 'override', 'policy', 'provides', 'requires', 'requiresScopes'],
    ['shareable', 'tag'],
  ].flat(),
);

/** Prints the schema for registries, by a version of the federation specification such as `2.9`. */
export function publishedSdl(schema: GraphQLSchema, version: string): string {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const described = mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) =>
      roots.has(type) ? undefined : new GraphQLObjectType(withDirectives(type.toConfig(), typeDirectives(type))),
    [MapperKind.OBJECT_FIELD]: (field) => withDirectives(field, costDirectives(field)),
  });
  const sdl = printSchemaWithDirectives(described);
  const used = directivesIn(sdl);
  const imports = [...used].filter((name) => IMPORTS.has(name)).map((name) => `"@${name}"`);
  const link = `@link(url: "https://specs.apollo.dev/federation/v${version}", import: [${imports.sort().join(', ')}])`;
  // Composition knows the directives of an older GraphQL, and asks for a definition of this one.
  const definition = used.has('oneOf') ? 'directive @oneOf on INPUT_OBJECT\n\n' : '';
  return `extend schema ${link}\n\n${definition}${sdl}\n`;
}

function directivesIn(sdl: string): Set<string> {
  const names = new Set<string>();
  visit(parse(sdl), { Directive: ({ name }) => void names.add(name.value) });
  return names;
}

function typeDirectives(type: GraphQLObjectType): Directives {
  const entity = entityOf(type);
  if (entity === undefined) return isValue(type) ? { shareable: [{}] } : {};
  const resolvable = isResolvable(type) ? {} : { resolvable: false };
  return { key: entity.keys.map((fields) => ({ fields, ...resolvable })) };
}

/** Data and nothing else: no entity below it, and no question to ask. Whoever has the values can answer it. */
function isValue(type: GraphQLNamedType, above: readonly GraphQLNamedType[] = []): boolean {
  if (isLeafType(type) || above.includes(type)) return true;
  if (!isObjectType(type) || entityOf(type) !== undefined) return false;
  const isPlain = ({ args, type: answer }: GraphQLField<unknown, unknown>) =>
    args.length === 0 && isValue(getNamedType(answer), [...above, type]);
  return Object.values(type.getFields()).every(isPlain);
}

/** What a field costs, as routers count it. */
function costDirectives({ extensions, args = {} }: GraphQLFieldConfig<unknown, unknown>): Directives {
  const { weight, list } = (extensions?.cost ?? {}) as FieldCost;
  return {
    ...(weight !== undefined && { cost: [{ weight }] }),
    ...(list !== undefined && { listSize: [listSize(list, args)] }),
  };
}

/**
 * Routers read whole numbers alone, and do not count the items of a list that is sent. An argument with a default is never
 * missing, and composers refuse an assumed size beside it.
 */
function listSize({ slicingArguments = [], sizedFields, assumedSize }: ListCost, args: GraphQLFieldConfigArgumentMap) {
  const counted = slicingArguments.flatMap((name) => {
    const argument = args[name];
    return argument && getNullableType(argument.type) === GraphQLInt ? [{ name, argument }] : [];
  });
  const isMissing = counted.every(({ argument }) => argument.defaultValue === undefined);
  return {
    ...(isMissing && { assumedSize }),
    ...(counted.length > 0 && {
      slicingArguments: counted.map(({ name }) => name),
      requireOneSlicingArgument: false,
    }),
    ...(sizedFields && { sizedFields }),
  };
}
