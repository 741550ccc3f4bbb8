import { defineConfig } from 'vitest/config';

export default defineConfig({
  // graphql 16 is published as CommonJS and as ES modules. Node gives every dependency the former, Vite would give our
  // own files the latter, and graphql refuses a schema from the other copy: send both to the same one.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
