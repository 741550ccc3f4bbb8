import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for the tests and examples: `graphql(`query …`)` knows its result and its variables. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', 'examples/*.graphql'],
  generates: {
    'test/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, gqlTagName: 'graphql' },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          UUID: 'string',
          EmailAddress: 'string',
          CountryCode: 'string',
          Currency: 'string',
        },
        importExtension: '.ts',
      },
    },
  },
};

export default config;
