/** The scalars beyond GraphQL's own, each with the specification that it follows. */
import { type ASTNode, GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLCurrency, GraphQLDateTime, GraphQLUUID } from 'graphql-scalars';
import { toAlpha2 } from './countries.ts';

export const DateTime = new GraphQLScalarType<Date, Date>({
  ...GraphQLDateTime.toConfig(),
  name: 'DateTime',
  description:
    'An instant: RFC 3339 with an offset, such as `2026-01-31T09:30:00Z`, to the millisecond. Answered in UTC.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  parseValue: (value) => instant(GraphQLDateTime.parseValue(value)),
  parseLiteral: (node, variables) => instant(GraphQLDateTime.parseLiteral(node, variables)),
});

/** PostgreSQL has no year 0, and years beyond 9999 have no form in RFC 3339. */
function instant(value: Date): Date {
  const year = value.getUTCFullYear();
  if (year >= 1 && year <= 9999) return value;
  throw new GraphQLError('An instant must be in the years 0001 to 9999.');
}

export const Uuid = new GraphQLScalarType<string, string>({
  ...GraphQLUUID.toConfig(),
  name: 'UUID',
  description: 'A UUID, in lower case; upper case is taken as input.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc9562',
  parseValue: (value) => GraphQLUUID.parseValue(value).toLowerCase(),
  parseLiteral: (node, variables) => GraphQLUUID.parseLiteral(node, variables).toLowerCase(),
});

export const Currency = new GraphQLScalarType<string, string>({
  ...GraphQLCurrency.toConfig(),
  name: 'Currency',
  description: 'ISO 4217 with three letters, such as `EUR`; lower case is taken as input.',
  specifiedByURL: 'https://www.iso.org/iso-4217-currency-codes.html',
  parseValue: currency,
  parseLiteral: (node) => currency(node.kind === Kind.STRING ? node.value : undefined),
});

/** Upper case for ASCII alone: ſ would become S. */
function currency(value: unknown): string {
  return GraphQLCurrency.parseValue(
    typeof value === 'string' && /^[a-z]{3}$/i.test(value) ? value.toUpperCase() : value,
  );
}

/** What is stored has passed the rule of its field; this scalar only appears in output. */
export const EmailAddress = new GraphQLScalarType<string, string>({
  name: 'EmailAddress',
  description: 'An e-mail address, as it was given.',
  specifiedByURL: 'https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address',
});

export const CountryCode = new GraphQLScalarType<string, string>({
  name: 'CountryCode',
  description:
    'ISO 3166-1 with two letters, such as `DE`. As input, three letters (`DEU`) and lower case are taken as well.',
  specifiedByURL: 'https://www.iso.org/iso-3166-country-codes.html',
  parseValue: (value) => country(value),
  parseLiteral: (node) => country(node.kind === Kind.STRING ? node.value : undefined, node),
});

function country(value: unknown, nodes?: ASTNode): string {
  const alpha2 = typeof value === 'string' ? toAlpha2(value) : undefined;
  if (alpha2 !== undefined) return alpha2;
  throw new GraphQLError('Use an ISO 3166-1 country code of two letters (DE) or three letters (DEU).', {
    nodes: nodes ?? null,
  });
}
