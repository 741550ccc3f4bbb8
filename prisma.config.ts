import { defineConfig } from 'prisma/config';

// These three commands use the schema engine that ships as WASM inside the npm package, yet the CLI asks for the native
// one first and would download it. Any existing file answers that question; all other commands keep Prisma's behaviour.
const withoutNativeEngine = ['generate', 'validate', 'format'];
if (withoutNativeEngine.includes(process.argv[2] ?? '')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
}

export default defineConfig({ schema: 'prisma', migrations: { path: 'prisma/migrations' } });
