/**
 * graphql-js's errors for a wrong value repeat it, at any length, into answers and whatever keeps them, and offer near
 * misses. A caller has the value already and is better served by what is accepted.
 */
import { GraphQLError, type GraphQLLeafType, type GraphQLSchema, isEnumType, isLeafType } from 'graphql';

const ACCEPTED: Readonly<Record<string, string>> = {
  Int: 'Use a whole number from -2147483648 to 2147483647.',
  Float: 'Use a number.',
  String: 'Use a text.',
  Boolean: 'Use true or false.',
  ID: 'Use a text.',
  UUID: 'Use a UUID such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301.',
  DateTime: 'Use an instant with an offset such as 2026-01-31T09:30:00Z, in the years 0001 to 9999.',
  Currency: 'Use a currency of three letters such as EUR.',
  CountryCode: 'Use an ISO 3166-1 country code of two letters (DE) or three letters (DEU).',
};

/** Several schemas share graphql-js's own scalars. */
const wrapped = new WeakSet<GraphQLLeafType>();

/** Makes each scalar and enum of the schema say what it accepts, and nothing else, when it is given something else. */
export function withAcceptedValues(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isLeafType(type) || type.name.startsWith('__') || wrapped.has(type)) continue;
    wrapped.add(type);
    type.parseValue = wrap(type, type.parseValue.bind(type));
    type.parseLiteral = wrap(type, type.parseLiteral.bind(type));
  }
  return schema;
}

function wrap<Arguments extends unknown[], Value>(
  type: GraphQLLeafType,
  parse: (...arguments_: Arguments) => Value,
): (...arguments_: Arguments) => Value {
  const accepted = isEnumType(type)
    ? `Use one of ${type
        .getValues()
        .map(({ name }) => name)
        .join(', ')}.`
    : ACCEPTED[type.name];
  return (...arguments_) => {
    try {
      return parse(...arguments_);
    } catch (error) {
      const nodes = error instanceof GraphQLError ? error.nodes : undefined;
      throw new GraphQLError(`This is no ${type.name}.${accepted === undefined ? '' : ` ${accepted}`}`, {
        nodes: nodes ?? null,
      });
    }
  };
}
