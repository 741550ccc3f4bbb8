/** What the subgraph publishes: the facts of our schema in the words of the federation specification. */
import { readdir, readFile } from 'node:fs/promises';
import {
  type FieldDefinitionNode,
  type GraphQLField,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  isRequiredArgument,
  parse,
  print,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { publishedSdl } from '../src/federation/published-sdl.ts';
import { schema, subgraph } from '../src/schema.ts';
import { SCOPES, type Scope } from '../src/viewer.ts';
import { useApi } from './api.ts';
import * as given from './given.ts';

const published = subgraph();

/** The directives of each type and each field: `Company` and `Company.tenant`. */
function directivesIn(sdl: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const definition of parse(sdl).definitions) {
    if (!('name' in definition) || definition.name === undefined || !('directives' in definition)) continue;
    const type = definition.name.value;
    found.set(type, (definition.directives ?? []).map(print));
    const fields = 'fields' in definition ? ((definition.fields ?? []) as FieldDefinitionNode[]) : [];
    for (const { name, directives = [] } of fields) found.set(`${type}.${name.value}`, directives.map(print));
  }
  return found;
}

const directives = directivesIn(published.sdl);

describe('the public schema', () => {
  it('knows nothing of federation', () => {
    expect(printSchema(schema)).not.toMatch(/_entities|_service|_Any|Organization|CarbonNode/);
  });
});

describe('the published schema', () => {
  it('is of Federation 2.9, and imports what it uses', () => {
    expect(published.sdl.split('\n')[0]).toBe(
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@cost", "@key", "@listSize", "@requiresScopes", "@shareable", "@tag"])',
    );
  });

  it('has the same types and fields as the schema that runs', () => {
    const names = (sdl: string) => [...directivesIn(sdl).keys()].sort();
    const entrance = ['Query._entities', 'Query._service', '_Any', '_Entity', '_Service', '_Service.sdl'];
    const runs = names(printSchema(published.schema));
    expect(runs).toEqual(expect.arrayContaining(entrance));
    expect(runs.filter((name) => !entrance.includes(name))).toEqual(
      names(published.sdl).filter((name) => name !== 'oneOf'),
    );
  });

  it('names the keys of our entities, and the types of others as references', () => {
    const keys = ['Company', 'Co2Customer', 'EnergyContract', 'User', 'Building', 'Organization'].map((type) => [
      type,
      directives.get(type)?.filter((directive) => directive.startsWith('@key')),
    ]);
    expect(Object.fromEntries(keys)).toEqual({
      Company: ['@key(fields: "id")', '@key(fields: "companyId")', '@key(fields: "tenant { id } externalId")'],
      Co2Customer: ['@key(fields: "id")', '@key(fields: "customerId")'],
      EnergyContract: ['@key(fields: "id")', '@key(fields: "contractId")'],
      User: ['@key(fields: "id", resolvable: false)'],
      Building: ['@key(fields: "id", resolvable: false)'],
      Organization: ['@key(fields: "id", resolvable: false)'],
    });
  });

  it('shares values, and nothing that leads to an entity', () => {
    const shared = [...directives].filter(([, list]) => list.includes('@shareable')).map(([type]) => type);
    expect(shared).toEqual(expect.arrayContaining(['PageInfo', 'ActivityAmount', 'EnergyPrice', 'CarbonReadiness']));
    const others = ['Company', 'User', 'CompanyConnection', 'CreateCompanyPayload', 'CarbonConflictError', 'Query'];
    expect(shared.filter((type) => others.includes(type))).toEqual([]);
  });

  it('keeps @oneOf and @specifiedBy', () => {
    const inputs = Object.values(schema.getTypeMap()).filter((type) => 'isOneOf' in type && type.isOneOf);
    const scalars = Object.values(schema.getTypeMap()).filter(
      (type) => 'specifiedByURL' in type && type.specifiedByURL,
    );
    expect([inputs.length, scalars.length]).toEqual([3, 5]);
    for (const { name } of inputs) expect(directives.get(name)).toEqual(['@oneOf']);
    for (const { name } of scalars) expect(directives.get(name)).toEqual([expect.stringMatching(/^@specifiedBy/)]);
  });

  it('does without node, nodes and viewer', () => {
    const fields = Object.keys(published.schema.getQueryType()?.getFields() ?? {});
    expect(fields).toContain('companies');
    expect(fields.filter((name) => ['node', 'nodes', 'viewer'].includes(name))).toEqual([]);
    expect(published.schema.getType('Viewer')).toBeUndefined();
  });

  it('puts a prefix before each name that src/ gives outside the folders of types', async () => {
    const files = await readdir('src', { recursive: true });
    const common = files.filter((file) => /^(list\/)?[a-z-]+\.ts$/.test(file));
    const texts = await Promise.all(common.map((file) => readFile(`src/${file}`, 'utf8')));
    const calls =
      /\.(?:inputRef|inputType|enumType|interfaceRef|objectRef|objectType)(?:<[^(]*>)?\(\s*(?:\w+, \{\s*name: )?'(\w+)'/g;
    const names = texts.flatMap((text) => [...text.matchAll(calls)].map(([, name = '']) => name));
    expect(names.length).toBeGreaterThan(15);
    const bare = names.filter((name) => published.schema.getType(name) !== undefined);
    expect(bare).toEqual(['PageInfo']);
  });
});

describe('costs', () => {
  /** A schema of this test's own: what fields say of their costs, whoever counts them. */
  const costed = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        dear: { type: GraphQLInt, extensions: { cost: { weight: 7 } } },
        list: {
          type: new GraphQLList(GraphQLInt),
          args: { first: { type: GraphQLInt } },
          extensions: { cost: { list: { slicingArguments: ['first'], assumedSize: 20 } } },
        },
        numbered: {
          type: new GraphQLList(GraphQLInt),
          args: { pageSize: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 20 } },
          extensions: { cost: { list: { slicingArguments: ['pageSize'], sizedFields: ['items'], assumedSize: 20 } } },
        },
        sent: {
          type: new GraphQLList(GraphQLInt),
          args: { ids: { type: new GraphQLList(GraphQLInt) } },
          extensions: { cost: { list: { slicingArguments: ['ids'], assumedSize: 1, maximum: 9 } } },
        },
        fixed: { type: new GraphQLList(GraphQLInt), extensions: { cost: { weight: 2, list: { assumedSize: 5 } } } },
        free: { type: GraphQLInt },
      },
    }),
  });

  it('are published as the fields say them', () => {
    const sdl = publishedSdl(costed, '2.9');
    const found = directivesIn(sdl);
    expect(sdl).toContain('import: ["@cost", "@listSize"]');
    expect(found.get('Query.dear')).toEqual(['@cost(weight: 7)']);
    expect(found.get('Query.list')).toEqual([
      '@listSize(assumedSize: 20, slicingArguments: ["first"], requireOneSlicingArgument: false)',
    ]);
    expect(found.get('Query.numbered')).toEqual([
      '@listSize(slicingArguments: ["pageSize"], requireOneSlicingArgument: false, sizedFields: ["items"])',
    ]);
    expect(found.get('Query.sent')).toEqual(['@listSize(assumedSize: 1)']);
    expect(found.get('Query.fixed')).toEqual(['@cost(weight: 2)', '@listSize(assumedSize: 5)']);
    expect(found.get('Query.free')).toEqual([]);
  });
});

describe('scopes', () => {
  const api = useApi();

  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
  const rootFields = Object.entries(roots).flatMap(([operation, root]) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) => {
      const found = directives.get(`${root?.name}.${field.name}`);
      return found ? [{ operation, field, found }] : [];
    }),
  );

  it('are published for each root field, with tags of their names, and every way in asks for a token', () => {
    expect(rootFields.length).toBeGreaterThan(20);
    const expected = (name: string, operation: string) =>
      operation === 'query' ? ['read'] : name === 'patchCompensationTerms' ? ['write', 'admin'] : ['write'];
    for (const { operation, field, found } of rootFields) {
      const scopes = expected(field.name, operation);
      const tags = scopes.map((name) => `@tag(name: "${name}")`);
      expect(found.filter((text) => !/^@(cost|listSize)/.test(text))).toEqual([
        '@authenticated',
        `@requiresScopes(scopes: ${JSON.stringify([scopes]).replaceAll(',', ', ')})`,
        ...tags,
      ]);
    }
    for (const type of ['Company', 'Co2Customer', 'EnergyContract']) {
      expect(directives.get(type)).toContain('@authenticated');
    }
  });

  it('are what the subgraph enforces, no more and no less', async () => {
    for (const { operation, field, found } of rootFields) {
      const scopes = found.flatMap((text) => /@tag\(name: "(read|write|admin)"\)/.exec(text)?.[1] ?? []) as Scope[];
      const document = shortest(operation, field);
      const codesWith = async (permitted: Scope[]) => {
        const { body } = await api.as(given.tenant(), permitted).post(document);
        return body.errors?.map(({ extensions }) => extensions.code) ?? [];
      };
      expect(await codesWith(scopes), field.name).not.toContain('FORBIDDEN');
      for (const missing of scopes) {
        const others = SCOPES.filter((scope) => scope !== missing);
        expect(await codesWith(others), `${field.name} without ${missing}`).toEqual(['FORBIDDEN']);
      }
    }
  });

  /** Asks for the field with as little as GraphQL accepts before it runs. */
  function shortest(operation: string, { name, args }: GraphQLField<unknown, unknown>) {
    const needed = args.filter((arg) => isRequiredArgument(arg));
    const declared = needed.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
    const passed = needed.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    const query = `${operation} ${declared && `(${declared})`} { ${name}${passed && `(${passed})`} { __typename } }`;
    return { query, variables: Object.fromEntries(needed.map((arg) => [arg.name, {}])) };
  }
});
