/**
 * Settings: one typed value, parsed once at start from a record of environment variables. `index.ts`,
 * `deploy.ts` and the commands in `scripts/` hand `process.env` over; nothing else reads it.
 */
import path from 'node:path';
import { z } from 'zod';
import { type Allowance, BUDGET_STORES } from './budget/cost-budget.ts';
import { type JwtSettings, jwtSettings, jwtVariables } from './env-jwt.ts';
import { allowance, contradiction, limitVariables, type RequestLimits, requestLimits } from './env-limits.ts';
import { boolean, origins, type Refuse, text, wholeNumber } from './env-values.ts';

export type Env = {
  production: boolean;
  host: string;
  port: number;
  /** Of the listener for load balancers; `undefined` opens none. */
  adminPort: number | undefined;
  /** Seconds after the signal to stop in which new requests are still accepted. */
  drainSeconds: number;
  /** A PostgreSQL server of one's own; `undefined` runs the embedded one. */
  databaseUrl: string | undefined;
  /** Connections that the server holds at most. */
  databasePoolSize: number;
  /** Milliseconds that a statement may wait for a connection, and then run. */
  connectionWaitMs: number;
  statementTimeoutMs: number;
  migrateOnStart: boolean;
  /** Absolute folder of the embedded database and the development key. */
  embeddedDirectory: string;
  logLevel: (typeof LOG_LEVELS)[number];
  graphiql: boolean;
  /** Whether clients may ask for the schema, and errors suggest names of it. */
  introspection: boolean;
  /** Manifest of the only documents accepted; `undefined` accepts all. */
  trustedDocumentsFile: string | undefined;
  corsOrigins: readonly string[];
  limits: RequestLimits;
  /** What each tenant may spend, and where that is kept. */
  costBudget: Allowance & { store: (typeof BUDGET_STORES)[number] };
  subgraph: SubgraphSettings;
  jwt: JwtSettings;
};

/** How a router finds this service. */
export type SubgraphSettings = {
  /** Beside the endpoint for clients, in place of it, or not at all. */
  serve: (typeof SERVE_SUBGRAPH)[number];
  /** What a router must send in a header beside the token; `undefined` asks for the token alone. */
  routerSecret: string | undefined;
  /** In one `_entities` field. */
  maxRepresentations: number;
};

/** Thrown by `parseEnv`; `problems` has one line for each wrong setting. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Wrong settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
const SERVE_SUBGRAPH = ['beside', 'alone', 'off'] as const;

const variables = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production'], 'use development, test or production').default('development'),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'use an address such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  ADMIN_PORT: wholeNumber(0, 65_535).optional(),
  DRAIN_SECONDS: wholeNumber(0, 300).default(0),
  DATABASE_URL: text,
  DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(10),
  MIGRATE_ON_START: boolean.optional(),
  EMBEDDED_PG_DIR: z.string().default('.data/pg'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `use one of ${LOG_LEVELS.join(', ')}`).default('info'),
  GRAPHIQL: boolean.optional(),
  INTROSPECTION: boolean.optional(),
  TRUSTED_DOCUMENTS: text,
  CORS_ORIGINS: origins.default([]),
  COST_BUDGET_STORE: z.enum(BUDGET_STORES, `use ${BUDGET_STORES.join(' or ')}`).default('memory'),
  ...limitVariables,
  SUBGRAPH: z.enum(SERVE_SUBGRAPH, 'use beside, alone or off').optional(),
  ROUTER_SECRET: z.string().min(32, 'use at least 32 characters of random text').optional(),
  MAX_REPRESENTATIONS: wholeNumber(1, 10_000).default(250),
  ...jwtVariables,
});
type Variables = z.output<typeof variables>;

/** What may be repeated in a problem; the rest may hold a password or a key. */
const SECRETS = new Set(['DATABASE_URL', 'JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL', 'ROUTER_SECRET']);

/**
 * The settings in `record`; an empty variable counts as absent.
 *
 * @throws EnvError that names every wrong variable, what was found (never a secret) and what is accepted.
 */
export function parseEnv(record: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== ''));
  const problems: string[] = [];
  const refuse: Refuse = (name, accepted) => {
    const found =
      given[name] === undefined ? 'is not set' : SECRETS.has(name) ? 'is not usable' : `is "${given[name]}"`;
    problems.push(`${name} ${found}: ${accepted}.`);
  };

  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) refuse(String(issue.path[0]), issue.message);
  }
  // The checks that need more than one variable run on what is left, so that all problems are reported at once.
  const wrong = new Set(parsed.error?.issues.map((issue) => issue.path[0]));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  const settings = variables.parse(rest);

  const production = settings.NODE_ENV === 'production';
  const embeddedDirectory = path.resolve(settings.EMBEDDED_PG_DIR);
  checkDatabase(settings, production, refuse);
  // A router may ask for the schema and send any document, so without a secret anyone with a token may.
  const open = settings.ROUTER_SECRET === undefined;
  const serveSubgraph = settings.SUBGRAPH ?? (production && open ? 'off' : 'beside');
  if (settings.TRUSTED_DOCUMENTS !== undefined && serveSubgraph !== 'off' && open)
    refuse(
      'ROUTER_SECRET',
      'with TRUSTED_DOCUMENTS set it, or SUBGRAPH=off, or any document could be sent to /subgraph',
    );
  const contradicting = contradiction(settings);
  if (contradicting) refuse(contradicting.name, contradicting.accepted);
  const jwt = jwtSettings(settings, production, embeddedDirectory, refuse);
  if (problems.length > 0 || jwt === undefined) throw new EnvError(problems);

  return {
    production,
    host: settings.HOST,
    port: settings.PORT,
    adminPort: settings.ADMIN_PORT,
    drainSeconds: settings.DRAIN_SECONDS,
    databaseUrl: settings.DATABASE_URL,
    databasePoolSize: settings.DATABASE_POOL_SIZE,
    connectionWaitMs: settings.CONNECTION_WAIT_MS,
    statementTimeoutMs: settings.STATEMENT_TIMEOUT_MS,
    migrateOnStart: settings.MIGRATE_ON_START ?? settings.DATABASE_URL === undefined,
    embeddedDirectory,
    logLevel: settings.LOG_LEVEL,
    graphiql: settings.GRAPHIQL ?? !production,
    introspection: settings.INTROSPECTION ?? !production,
    trustedDocumentsFile: settings.TRUSTED_DOCUMENTS,
    corsOrigins: settings.CORS_ORIGINS,
    limits: requestLimits(settings),
    costBudget: { ...allowance(settings), store: settings.COST_BUDGET_STORE },
    subgraph: {
      serve: serveSubgraph,
      routerSecret: settings.ROUTER_SECRET,
      maxRepresentations: settings.MAX_REPRESENTATIONS,
    },
    jwt,
  };
}

const databaseUrlForm = 'use a URL such as postgresql://user:password@host:5432/database';

function checkDatabase(settings: Variables, production: boolean, refuse: Refuse): void {
  const { DATABASE_URL: url } = settings;
  if (url === undefined) {
    if (production) refuse('DATABASE_URL', `in production ${databaseUrlForm}`);
  } else if (!isDatabaseUrl(url)) refuse('DATABASE_URL', databaseUrlForm);
}

function isDatabaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
}
