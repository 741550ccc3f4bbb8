import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadDevelopmentKey, signDevelopmentToken } from '../src/development-key.ts';
import { ecKeys, jwk, rsaKeys } from './forge.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), 'development-key-')), 'not', 'there');
  file = path.join(directory, 'development-key.json');
});

describe('the development key', () => {
  it('is generated once, for its owner alone, and leaves no other file', async () => {
    const { keyId } = await loadDevelopmentKey(directory);
    expect((await loadDevelopmentKey(directory)).keyId).toBe(keyId);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['development-key.json']);
  });

  it('is the same for all that start at the same moment', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadDevelopmentKey(directory)));
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1);
    expect(await readdir(directory)).toEqual(['development-key.json']);
  });

  it('is the same for processes that start at the same moment', async () => {
    const keyIds = await Promise.all(Array.from({ length: 4 }, () => loadInAnotherProcess()));
    expect(new Set(keyIds)).toEqual(new Set([(await loadDevelopmentKey(directory)).keyId]));
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['half a key', '{"kty":"EC","crv":"P-256","x":'],
    ['null', 'null'],
    ['a public key', JSON.stringify(jwk(ecKeys().publicKey))],
    ['a key on another curve', JSON.stringify(jwk(ecKeys('P-384').privateKey))],
    ['an RSA key', JSON.stringify(jwk(rsaKeys().privateKey))],
    ['the halves of two keys', JSON.stringify({ ...jwk(ecKeys().publicKey), d: jwk(ecKeys().privateKey).d })],
  ])('is refused, and kept, when its file holds %s', async (_name, text) => {
    await loadDevelopmentKey(directory);
    await writeFile(file, text);
    await expect(loadDevelopmentKey(directory)).rejects.toMatchObject({
      name: 'DevelopmentKeyError',
      message: `${file} does not hold an ES256 key: delete it, and the next start generates one.`,
    });
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

describe('a development token', () => {
  const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

  it('states what it was asked for, and no more', async () => {
    const token = await signDevelopmentToken(directory, { tenantId, subject: 'ada', ttlSeconds: 90 });
    const { iat = 0, ...claims } = decodeJwt(token);
    expect(claims).toEqual({ type: 'access', sub: 'ada', tenant_id: tenantId, exp: iat + 90 });
    const { keyId } = await loadDevelopmentKey(directory);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: keyId });
  });

  it('agrees with the settings', async () => {
    const settings = { tenantClaim: 'org', issuer: 'https://issuer.example/', audience: 'api', type: 'vendor+jwt' };
    const token = await signDevelopmentToken(
      directory,
      { tenantId, subject: 'ada', scopes: [], ttlSeconds: 90 },
      settings,
    );
    expect(decodeJwt(token)).toMatchObject({ org: tenantId, iss: 'https://issuer.example/', aud: 'api', scope: '' });
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'vendor+jwt' });
  });
});

/** The key ID that a process of its own finds. */
async function loadInAnotherProcess(): Promise<string> {
  const script = `import { loadDevelopmentKey } from './src/development-key.ts';
    console.log((await loadDevelopmentKey(process.argv[1])).keyId);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Buffer[] = [];
  child.stdout.on('data', (line: Buffer) => lines.push(line));
  await once(child, 'close');
  return Buffer.concat(lines).toString().trim();
}
