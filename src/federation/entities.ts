/** Entities: types that a router can enter by a key, from any other subgraph (Apollo Federation, subgraph specification). */
import {
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isObjectType,
} from 'graphql';
import { InvalidInputError, Refusal } from '../errors.ts';
import { costs } from '../field-cost.ts';

/** What a router sends: `__typename`, the fields of a key, and perhaps more. All of it is the word of others. */
export type Representation = Readonly<Record<string, unknown>>;

/** A representation, and the path to it for errors. */
export type Asked = { representation: Representation; path: readonly string[] };

/** An answer: `null` for what is not there, an error where the representation is at fault. */
export type Found = object | Error | null;

/** What a type says of itself as `entity` in its extensions. */
export type Entity<Context> = {
  /** Each as in `@key(fields:)`. */
  keys: readonly string[];
  /** Finds them all, in the order asked. Absent where the type belongs to another subgraph and is a reference only. */
  find?: (asked: readonly Asked[], context: Context, info: GraphQLResolveInfo) => Promise<readonly Found[]>;
};

/** The entity that a type says it is; `undefined` when it is none. */
export function entityOf<Context>(type: GraphQLObjectType): Entity<Context> | undefined {
  return type.extensions.entity as Entity<Context> | undefined;
}

/** Whether a router can enter the type here. */
export function isResolvable(type: GraphQLObjectType): boolean {
  return entityOf(type)?.find !== undefined;
}

/** The schema with `_entities` and `_service`, by which routers enter and registries read. */
export function withEntities(
  schema: GraphQLSchema,
  { sdl, maxRepresentations }: { sdl: string; maxRepresentations: number },
): GraphQLSchema {
  const { query, types, ...config } = schema.toConfig();
  if (!query) throw new Error('A subgraph needs a type Query.');
  const { fields, ...queryConfig } = query.toConfig();
  const entities = types.filter(isObjectType).filter(isResolvable);
  return new GraphQLSchema({
    ...config,
    types: types.filter((type) => type !== query),
    query: new GraphQLObjectType({
      ...queryConfig,
      fields: {
        ...fields,
        ...serviceField(sdl),
        ...(entities.length > 0 && entitiesField(entities, maxRepresentations)),
      },
    }),
  });
}

function serviceField(sdl: string): GraphQLFieldConfigMap<unknown, unknown> {
  const Service = new GraphQLObjectType({
    name: '_Service',
    description: 'This subgraph, as a registry sees it.',
    fields: { sdl: { type: GraphQLString, description: 'The schema with its federation directives.' } },
  });
  const type = new GraphQLNonNull(Service);
  return { _service: { type, description: 'This subgraph, as a registry sees it.', resolve: () => ({ sdl }) } };
}

function entitiesField(types: readonly GraphQLObjectType[], max: number): GraphQLFieldConfigMap<unknown, unknown> {
  const typeNames = new WeakMap<object, string>();
  const EntityUnion = new GraphQLUnionType({
    name: '_Entity',
    description: 'The types that a router can enter by a key.',
    types: [...types],
    resolveType: (entity: object) => typeNames.get(entity),
  });
  // Takes any value, so that each representation is judged alone.
  const Any = new GraphQLScalarType({
    name: '_Any',
    description: 'A representation of an entity.',
    extensions: { limitedByRule: true },
  });
  const description = `At most ${max}.`;
  return {
    _entities: {
      type: new GraphQLNonNull(new GraphQLList(EntityUnion)),
      description: 'The entity of each representation, in the order given; `null` for each that is absent.',
      args: { representations: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(Any))), description } },
      ...costs({ list: { slicingArguments: ['representations'], assumedSize: 1, maximum: max } }),
      async resolve(_, { representations }: { representations: readonly unknown[] }, context, info) {
        refuseMoreThan(max, representations);
        const asked = representations.map((representation, position) => ask(representation, position));
        const answers = new Map<Asked, Found>();
        const answerAllOf = async (type: GraphQLObjectType) => {
          const ofType = asked.filter(({ representation }) => representation.__typename === type.name);
          if (ofType.length === 0) return;
          const found = (await entityOf(type)?.find?.(ofType, context, info)) ?? [];
          for (const [position, one] of ofType.entries()) {
            const answer = found[position] ?? null;
            if (answer !== null) typeNames.set(answer, type.name);
            answers.set(one, answer);
          }
        };
        await Promise.all(types.map(answerAllOf));
        // graphql-js takes an Error in a list for the error of that item.
        return asked.map((one) => answers.get(one) ?? (answers.has(one) ? null : unknownType(types, one)));
      },
    },
  };
}

function refuseMoreThan(max: number, { length }: readonly unknown[]): void {
  if (length <= max) return;
  const message = `Send at most ${max} representations at once, not ${length}.`;
  throw new Refusal([new InvalidInputError(['representations'], message)]);
}

/** Whatever was sent, as a representation; what is none has no type. */
function ask(sent: unknown, position: number): Asked {
  const representation = typeof sent === 'object' && sent !== null ? (sent as Representation) : {};
  return { representation, path: ['representations', String(position)] };
}

function unknownType(types: readonly GraphQLObjectType[], { path }: Asked): Refusal {
  const names = types.map(({ name }) => name);
  const message = `Let __typename be one of ${names.join(', ')}.`;
  return new Refusal([new InvalidInputError([...path, '__typename'], message, { validValues: names })]);
}
