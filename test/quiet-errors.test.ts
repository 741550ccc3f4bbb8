import { isLeafType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../src/schema.ts';
import { useApi } from './api.ts';
import { tenant } from './given.ts';

const CANARY = 'canary-7f3a@example.com';
/** The same as a name, which is all that some places take. */
const NAME = 'canary7f3a';

describe('the error for a wrong value', () => {
  const api = useApi();
  const errors = async (query: string, variables?: unknown) => {
    const { status, body } = await api.as(tenant()).post({ query, variables });
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body)).not.toMatch(/canary/i);
    return body.errors?.map(({ message }) => message);
  };

  const inputs = Object.values(schema.getTypeMap()).filter(
    (type) => isLeafType(type) && !type.name.startsWith('__') && type.name !== 'EmailAddress',
  );

  it.each(inputs.map(({ name }) => name))(
    'of the type %s says what is accepted, and not what was sent',
    async (name) => {
      const type = schema.getType(name);
      if (!isLeafType(type)) throw new Error(`${name} is no leaf type.`);
      const value = name === 'String' || name === 'ID' ? { [CANARY]: CANARY } : CANARY;
      const problem = expect.objectContaining({
        message: expect.stringMatching(`^This is no ${name}\\. Use [^@]+\\.$`),
      });
      expect(() => type.parseValue(value)).toThrow(problem);
      const literal = { kind: name === 'String' || name === 'ID' ? 'EnumValue' : 'StringValue', value: CANARY };
      expect(() => type.parseLiteral(literal as never, {})).toThrow(problem);
    },
  );

  it.each([
    ['alone', 'query ($v: Int) { companies(first: $v) { totalCount } }', CANARY, '$v": This is no Int. '],
    [
      'in a list of an object',
      'query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }',
      { and: [{}, { country: { in: ['DE', CANARY] } }] },
      '$v" at and.1.country.in.1: This is no CountryCode. Use an ISO 3166-1',
    ],
    [
      'beside others that are right',
      'mutation ($v: CreateCompanyInput!) { createCompany(input: $v) { company { id } } }',
      { name: CANARY, country: 'DE', certifications: ['EMAS', CANARY], employeeCount: 1 },
      '$v" at certifications.1: This is no Certification. Use one of B_CORP,',
    ],
    [
      'with a path in its text',
      'query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }',
      { isActive: `x at "v.${CANARY}"; This is` },
      '$v" at isActive: ',
    ],
    [
      'for an object',
      'query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }',
      CANARY,
      '$v": Expected type "CompanyFilter" to be an object.',
    ],
    [
      'as a key that is no name',
      'query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }',
      { [CANARY]: 1 },
      '$v": A field is not defined by type "CompanyFilter".',
    ],
    [
      'as a key with quotes',
      'query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }',
      { [`a" is not defined by type "B". ${CANARY}`]: 1 },
      '$v": A field is not defined by type "CompanyFilter".',
    ],
    [
      'beside one that is missing',
      'mutation ($v: CreateCompanyInput!) { createCompany(input: $v) { company { id } } }',
      { name: CANARY },
      '$v": Field "country" of required type "CountryCode!" was not provided.',
    ],
    [
      'in a choice of two',
      'query ($v: CompanyKey!) { company(by: $v) { id } }',
      { externalId: CANARY, id: CANARY },
      '$v": Exactly one key must be specified for OneOf type "CompanyKey".',
    ],
  ])('in a variable, %s, says where it is', async (_, query, value, words) => {
    expect(await errors(query, { v: value })).toEqual([expect.stringContaining(`Variable "${words}`)]);
  });

  it.each([
    ['a text for a number', `{ companies(first: "${CANARY}") { totalCount } }`],
    ['a name for a number', `{ companies(first: ${NAME}) { totalCount } }`],
    ['a text for an object', `{ companies(filter: "${CANARY}") { totalCount } }`],
    ['a list for an object', `{ companies(filter: ["${CANARY}"]) { totalCount } }`],
    ['an object for a text', `{ companies(filter: {name: {eq: {x: "${CANARY}"}}}) { totalCount } }`],
    ['a block of text for a number', `{ companies(first: """${CANARY}""") { totalCount } }`],
    ['an unknown value of an enum', `{ companies(orderBy: [{field: ${NAME}, direction: ASC}]) { totalCount } }`],
    ['a text for an enum', `{ companies(orderBy: [{field: "${CANARY}", direction: ASC}]) { totalCount } }`],
    ['a text for a condition', `{ viewer { subject @include(if: "${CANARY}") } }`],
    ['a wrong default', `query ($n: Int = "${CANARY}") { companies(first: $n) { totalCount } }`],
    ['no UUID', `mutation { registerEnergyContract(input: {userId: "${CANARY}"}) { userErrors { message } } }`],
    ['a text where a field should be', `{ companies "${CANARY}" }`],
    ['a text after a text', `{ companies "x String \\"${CANARY}" }`],
    ['a block of text after the end', `{ viewer { subject } } """${CANARY}\n${CANARY}"""`],
    ['half a text', `{ companies(filter: {name: {eq: "${CANARY}`],
  ])('in a document, %s, does not repeat it', async (_, query) => {
    expect(await errors(query)).toEqual([expect.stringMatching(/./)]);
  });

  it('that only shows when the field is resolved does not repeat what stands beside it', async () => {
    const query = `query ($v: String = "x") { companies(filter: {name: {in: [$v], contains: "${CANARY}"}}) { totalCount } }`;
    expect(await errors(query, { v: null })).toEqual(['Argument "filter" has a value that its type does not accept.']);
  });

  it('is short, however long the names in the document are', async () => {
    for (const query of [`{ ${'x'.repeat(50_000)} }`, `query ($${'x'.repeat(50_000)}: Int!) { viewer { subject } }`]) {
      for (const message of (await errors(query)) ?? []) expect(message.length).toBeLessThan(300);
    }
  });
});
