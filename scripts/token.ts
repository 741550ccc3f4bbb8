/**
 * `npm run --silent token -- --tenant <uuid> [--subject <text>] [--scope "read write"] [--ttl 1h]` prints an access
 * token, signed with the development key, and nothing else. Wrong arguments, or another key in the settings, give one
 * sentence each on stderr and exit code 1.
 */
import { parseArgs } from 'node:util';
import { type DevelopmentToken, signDevelopmentToken } from '../src/development-key.ts';
import { parseEnv } from '../src/env.ts';
import { isSubject, parseTenantId, SCOPES } from '../src/viewer.ts';

const OPTIONS = ['tenant', 'subject', 'scope', 'ttl'];
const KEYS = { jwks: 'key set', 'public key': 'public key', secret: 'secret' };
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 };

try {
  const { jwt } = parseEnv(process.env);
  if (jwt.key.source === 'development') {
    console.log(await signDevelopmentToken(jwt.key.directory, readArguments(process.argv.slice(2)), jwt));
  } else {
    fail([
      `Tokens are verified with a ${KEYS[jwt.key.source]} here: ask the identity provider that holds its key for one.`,
    ]);
  }
} catch (error) {
  fail([error instanceof Error ? error.message : String(error)]);
}

function fail(sentences: readonly string[]): void {
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = 1;
}

/** @throws Error whose message has one line for each wrong argument. */
function readArguments(args: string[]): DevelopmentToken {
  const problems = new Set<string>();
  const given = readOptions(args, problems);

  const { tenant, subject = 'developer@example.com', scope, ttl = '1h' } = given;
  const tenantId = parseTenantId(tenant);
  if (tenantId === undefined) problems.add('--tenant is required: use a UUID, and not the nil UUID.');
  if (!isSubject(subject)) problems.add('--subject is not usable: use 1 to 320 printable characters.');
  const scopes = scope?.split(' ').filter(Boolean);
  if (scopes?.some((word) => !SCOPES.some((name) => name === word))) {
    problems.add(`--scope is not usable: use some of ${SCOPES.join(', ')}, separated by spaces.`);
  }
  const ttlSeconds = readTtl(ttl);
  if (ttlSeconds === undefined) problems.add('--ttl is not usable: use a time such as 90s, 15m or 1h, up to 24h.');
  if (problems.size > 0 || tenantId === undefined || ttlSeconds === undefined) {
    throw new Error([...problems].join('\n'));
  }
  return { tenantId, subject, scopes, ttlSeconds };
}

/** Reads leniently and judges alone, since a strict `parseArgs` stops at the first problem. */
function readOptions(args: string[], problems: Set<string>): Record<string, string> {
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])),
  });
  const given: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') problems.add(`"${token.value}" has no option before it: ${accepted()}`);
    if (token.kind !== 'option') continue;
    if (!OPTIONS.includes(token.name)) problems.add(`${token.rawName} is not an option: ${accepted()}`);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      problems.add(`${token.rawName} has no value: write one after it.`);
    } else if (Object.hasOwn(given, token.name)) problems.add(`${token.rawName} is there twice: write it once.`);
    else given[token.name] = token.value;
  }
  return given;
}

function accepted(): string {
  return `use ${OPTIONS.map((name) => `--${name}`).join(', ')}.`;
}

function readTtl(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  return seconds >= 1 && seconds <= 86_400 ? seconds : undefined;
}
