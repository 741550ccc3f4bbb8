/**
 * `npm run frontend` beside `npm start`: the page on http://127.0.0.1:5173, its queries passed on to the gateway, with a
 * token of the demo tenant. The token is added here, so that the page has no secret and needs no CORS; in production
 * that is the part of whatever signs people in.
 */
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { signDevelopmentToken } from '../../src/development-key.ts';
import { parseEnv } from '../../src/env.ts';

/** The first of DEMO_TENANTS in src/demo.ts. */
const DEMO_TENANT = '0de30000-0000-4000-8000-000000000001';

// The gateway's own settings, so that PORT=5000 before both commands is all that another port takes.
const { host, port, jwt } = parseEnv(process.env);

function developmentToken(): Plugin {
  const { key } = jwt;
  if (key.source !== 'development') {
    throw new Error('This page signs with the development key: unset JWT_JWKS_URL, JWT_PUBLIC_KEY and JWT_SECRET.');
  }
  const claims = { tenantId: DEMO_TENANT, subject: 'frontend@example.com', ttlSeconds: 300 };
  return {
    name: 'development-token',
    configureServer({ middlewares }) {
      middlewares.use('/graphql', async (request, _, next) => {
        // A page of another origin may post here too; it gets no token.
        if (request.headers['sec-fetch-site'] === 'same-origin') {
          request.headers.authorization = `Bearer ${await signDevelopmentToken(key.directory, claims, jwt)}`;
        }
        next();
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), developmentToken()],
  server: { host: '127.0.0.1', proxy: { '/graphql': `http://${host}:${port}` } },
});
