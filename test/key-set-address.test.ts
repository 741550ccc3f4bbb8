import { describe, expect, it } from 'vitest';
import { EnvError, parseEnv } from '../src/env.ts';

const production = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://database/carbon' };

function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    parseEnv(variables);
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
}

describe('in production the address of the key set', () => {
  const sentence =
    'JWT_JWKS_URL is not usable: use an https URL without a user, whose host is a name or a public address.';

  it.each([
    'http://issuer.example/jwks',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    'issuer.example/jwks',
    'https://user:hunter2@issuer.example/jwks',
    'https://:hunter2@issuer.example/jwks',
    'https://localhost/jwks',
    'https://LOCALHOST./jwks',
    'https://issuer.localhost/jwks',
    'https://127.0.0.1/jwks',
    'https://127.1/jwks',
    'https://0x7f.0.0.1/jwks',
    'https://2130706433/jwks',
    'https://0177.0.0.1./jwks',
    'https://１２７.0.0.1/jwks',
    'https://0.0.0.0/jwks',
    'https://10.1.2.3/jwks',
    'https://100.64.0.1/jwks',
    'https://169.254.169.254/latest/meta-data/',
    'https://172.16.0.1/jwks',
    'https://172.31.255.255/jwks',
    'https://192.168.1.1:8443/jwks',
    'https://198.19.0.1/jwks',
    'https://224.0.0.1/jwks',
    'https://255.255.255.255/jwks',
    'https://[::1]/jwks',
    'https://[::]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://[::ffff:a00:1]/jwks',
    'https://[64:ff9b::7f00:1]/jwks',
    'https://[fd00:ec2::254]/jwks',
    'https://[fe80::1]/jwks',
    'https://[ff02::1]/jwks',
  ])('may not be %s, which is not repeated', (url) => {
    expect(problemsOf({ ...production, JWT_JWKS_URL: url })).toEqual([sentence]);
  });

  it.each([
    'https://issuer.example/.well-known/jwks.json?tenant=a',
    'https://localhost.example/jwks',
    'https://keycloak.auth.svc.cluster.local:8443/jwks',
    'https://172.32.0.1/jwks',
    'https://9.255.255.255/jwks',
    'https://[2001:4860:4860::8888]/jwks',
  ])('may be %s', (url) => {
    const { jwt } = parseEnv({ ...production, JWT_JWKS_URL: url });
    expect(jwt.key).toEqual({ source: 'jwks', url: new URL(url) });
  });
});

describe('in development the address of the key set', () => {
  it('may be of this machine, and without TLS', () => {
    const { jwt } = parseEnv({ JWT_JWKS_URL: 'http://127.0.0.1:8080/jwks' });
    expect(jwt.key.source).toBe('jwks');
  });

  it.each(['ftp://issuer.example/jwks', 'http://user@issuer.example/jwks', 'nonsense'])('may not be %s', (url) => {
    expect(problemsOf({ JWT_JWKS_URL: url })).toEqual([
      'JWT_JWKS_URL is not usable: use an https or, in development only, an http URL without a user.',
    ]);
  });
});
