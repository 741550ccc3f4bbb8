import type { CodegenConfig } from '@graphql-codegen/cli';

const scalars = {
  DateTime: 'string',
  UUID: 'string',
  EmailAddress: 'string',
  CountryCode: 'string',
  Currency: 'string',
};
const typedDocuments = {
  preset: 'client',
  presetConfig: { fragmentMasking: false, gqlTagName: 'graphql' },
} as const;
const types = {
  enumsAsTypes: true,
  useTypeImports: true,
  strictScalars: true,
  scalars,
  importExtension: '.ts',
} as const;

/** Typed documents for the tests and examples: `graphql(`query …`)` knows its result and its variables. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'test/gql/': {
      ...typedDocuments,
      documents: ['test/**/*.ts', 'examples/*.graphql'],
      config: { ...types, documentMode: 'string' },
    },
    // urql reads parsed documents
    'examples/frontend/src/gql/': {
      ...typedDocuments,
      documents: 'examples/frontend/src/*.{ts,tsx}',
      config: types,
    },
  },
};

export default config;
