/**
 * Names that any subgraph may have. Composition merges types by name: of input types and enums it keeps what both have, so a
 * neighbour's `StringFilter { eq }` would silently take every other condition from ours.
 */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultTypeResolver,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

const PREFIX = 'Carbon';

/** The types that all our records share; `PageInfo` is Relay's, the same everywhere. */
const GENERIC = new Set([
  'ConflictError',
  'CountryFilter',
  'DateTimeFilter',
  'FloatFilter',
  'IDFilter',
  'IntFilter',
  'InvalidInputError',
  'Node',
  'NotFoundError',
  'OrderDirection',
  'StaleVersionError',
  'StringFilter',
  'UpsertOutcome',
  'UserError',
  'UserErrorCode',
  'Warning',
]);

/** Puts a prefix before each generic name. A router sends documents with these names, so the schema that runs has them too. */
export function withOwnNames(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, { [MapperKind.TYPE]: (type) => (GENERIC.has(type.name) ? renamed(type) : undefined) });
}

function ownName(name: string): string {
  return GENERIC.has(name) ? `${PREFIX}${name}` : name;
}

function renamed(type: GraphQLNamedType): GraphQLNamedType {
  const name = ownName(type.name);
  if (isInterfaceType(type)) return renamedInterface(type, name);
  if (isObjectType(type)) return new GraphQLObjectType({ ...type.toConfig(), name });
  if (isInputObjectType(type)) return new GraphQLInputObjectType({ ...type.toConfig(), name });
  if (isEnumType(type)) return new GraphQLEnumType({ ...type.toConfig(), name });
  throw new Error(`${type.name} is of a kind that has no prefix yet: give it one here.`);
}

/** What implements it may have a new name too. Pothos looks for `isTypeOf` under the old name of the interface and finds none. */
function renamedInterface(type: GraphQLInterfaceType, name: string): GraphQLInterfaceType {
  const { resolveType, ...config } = type.toConfig();
  return new GraphQLInterfaceType({
    ...config,
    name,
    async resolveType(...value) {
      const typeName = await resolveType?.(...value);
      return typeName === undefined ? defaultTypeResolver(...value) : ownName(typeName);
    },
  });
}
