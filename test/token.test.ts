import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { createAuthenticate } from '../src/viewer.ts';
import { ecKeys, pem } from './forge.ts';

const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
let directory: string;

type Outcome = { code: number; stdout: string; stderr: string };

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'token-'));
});

/** Runs the command with these variables only, so that those of the machine do not matter. */
function runToken(args: string[], variables: Record<string, string> = {}): Promise<Outcome> {
  const env = { PATH: process.env.PATH ?? '', EMBEDDED_PG_DIR: directory, ...variables };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'scripts/token.ts', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function authenticate(token: string, variables: Record<string, string> = {}) {
  const { jwt } = parseEnv({ EMBEDDED_PG_DIR: directory, ...variables });
  return (await createAuthenticate(jwt))(`Bearer ${token.trim()}`);
}

describe.concurrent('the token command', () => {
  it('prints a token, and nothing else', async () => {
    const { code, stdout, stderr } = await runToken(['--tenant', tenantId.toUpperCase()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(await authenticate(stdout)).toMatchObject({
      tenantId,
      subject: 'developer@example.com',
      scopes: new Set(['read', 'write']),
    });
    const { iat = 0, exp } = decodeJwt(stdout.trim());
    expect(exp).toBe(iat + 3600);
  });

  it('puts its arguments and the settings into the token', async () => {
    const variables = {
      JWT_ISSUER: 'https://issuer.example/',
      JWT_AUDIENCE: 'api',
      JWT_TYP: 'at+jwt',
      JWT_TENANT_CLAIM: 'org',
    };
    const args = ['--tenant', tenantId, '--subject', 'Ada Lovelace', '--scope=read admin', '--ttl', '90s'];
    const { stdout, stderr } = await runToken(args, variables);
    expect(stderr).toBe('');
    expect(await authenticate(stdout, variables)).toMatchObject({
      tenantId,
      subject: 'Ada Lovelace',
      scopes: new Set(['read', 'admin']),
    });
    const { iat = 0, exp } = decodeJwt(stdout.trim());
    expect(exp).toBe(iat + 90);
  });

  it('takes a ttl of 24 h', async () => {
    const { stdout } = await runToken(['--tenant', tenantId, '--ttl', '24h']);
    const { iat = 0, exp } = decodeJwt(stdout.trim());
    expect(exp).toBe(iat + 86_400);
    expect(await authenticate(stdout)).toMatchObject({ tenantId });
  });

  it('takes an empty scope, for a token that may do nothing', async () => {
    const { stdout } = await runToken(['--tenant', tenantId, '--scope', '']);
    expect((await authenticate(stdout)).scopes).toEqual(new Set());
  });

  const tenant = '--tenant is required: use a UUID, and not the nil UUID.';
  const subject = '--subject is not usable: use 1 to 320 printable characters.';
  const scope = '--scope is not usable: use some of read, write, admin, separated by spaces.';
  const ttl = '--ttl is not usable: use a time such as 90s, 15m or 1h, up to 24h.';
  const accepted = 'use --tenant, --subject, --scope, --ttl.';
  it.each<[string, string[], string[]]>([
    ['no arguments', [], [tenant]],
    [
      'unusable values, all of them at once',
      ['--tenant', 'acme', '--subject', '', '--scope', 'read all', '--ttl', '25h'],
      [tenant, subject, scope, ttl],
    ],
    [
      'the nil UUID, and a ttl without a unit',
      ['--tenant', '00000000-0000-0000-0000-000000000000', '--ttl', '90'],
      [tenant, ttl],
    ],
    [
      'options without a value, or there twice',
      ['--tenant', tenantId, '--tenant', tenantId, '--scope', '--ttl=0s', '--subject'],
      [
        '--tenant is there twice: write it once.',
        '--scope has no value: write one after it.',
        '--subject has no value: write one after it.',
      ],
    ],
    [
      'what is no option',
      ['acme', '--tenant', tenantId, '--tennant', '--ttl', '1.5h', '-x'],
      [
        `"acme" has no option before it: ${accepted}`,
        `--tennant is not an option: ${accepted}`,
        `-x is not an option: ${accepted}`,
        ttl,
      ],
    ],
  ])('refuses %s', async (_name, args, sentences) => {
    expect(await runToken(args)).toEqual({ code: 1, stdout: '', stderr: `${sentences.join('\n')}\n` });
  });

  it.each<[string, Record<string, string>]>([
    ['a public key', { JWT_PUBLIC_KEY: pem(ecKeys().publicKey) }],
    [
      'a key set in production',
      { NODE_ENV: 'production', JWT_JWKS_URL: 'https://issuer.example/jwks', DATABASE_URL: 'postgresql://db/app' },
    ],
  ])('refuses when the settings name %s, and says whom to ask', async (_name, variables) => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'token-'));
    const outcome = await runToken(['--tenant', tenantId], { ...variables, EMBEDDED_PG_DIR: elsewhere });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^Tokens are verified with a [\w ]+ here: ask the identity provider [^\n]+\.\n$/);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('refuses wrong settings with their own words', async () => {
    const { code, stdout, stderr } = await runToken(['--tenant', tenantId], { JWT_SECRET: 'short' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('JWT_SECRET is not usable: use at least 32 bytes of random text.');
  });
});
