/** graphql-js answers a wrong enum value with near misses only; a caller is better served by all that are accepted. */
import { type GraphQLEnumType, GraphQLError, type GraphQLSchema, isEnumType } from 'graphql';

/** Adds the accepted values to the error that each enum of the schema gives for a wrong one. */
export function withAcceptedEnumValues(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type) || type.name.startsWith('__')) continue;
    type.parseValue = nameValues(type, type.parseValue.bind(type));
    type.parseLiteral = nameValues(type, type.parseLiteral.bind(type));
  }
  return schema;
}

function nameValues<Arguments extends unknown[], Value>(
  type: GraphQLEnumType,
  parse: (...arguments_: Arguments) => Value,
) {
  return (...arguments_: Arguments): Value => {
    try {
      return parse(...arguments_);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const names = type.getValues().map(({ name }) => name);
      const [what = error.message] = error.message.split(' Did you mean');
      throw new GraphQLError(`${what} Use one of ${names.join(', ')}.`, { nodes: error.nodes ?? null });
    }
  };
}
