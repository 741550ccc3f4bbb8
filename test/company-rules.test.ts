/** The decisions about a company's fields, as tables: what is stored in which form, what is refused with which path. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { greenTech, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type { Certification, CreateCompanyInput, Scope3Category } from './gql/graphql.ts';

const Create = graphql(`
  mutation RulesCreate($input: CreateCompanyInput!) {
    createCompany(input: $input) {
      company {
        externalId name description country naceCodes sicCodes legalForm employeeCount annualRevenue foundingYear region
        city postalCode website contactEmail registrationNumber isActive scope1Emissions scope2Emissions scope3Emissions
        scope1Sources { activity amount }
        scope2Sources { activity amount }
        scope3Categories { category emissions }
        reductionTargetPercent reductionTargetYear netZeroTargetYear certifications carbonProfileCompleted
        hasCarbonBaseline totalEmissions carbonReadinessScore version updatedAt
      }
      warnings { message path }
      userErrors { __typename code message path }
    }
  }
`);

const UpsertAll = graphql(`
  mutation RulesUpsertAll($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) {
      failed
      results { outcome company { externalId name description legalForm region city postalCode registrationNumber } }
    }
  }
`);

const NegativeZero = graphql(`
  mutation RulesNegativeZero {
    upsertCompany(
      input: {
        externalId: "zero"
        name: "Zero"
        country: "DE"
        employeeCount: -0
        annualRevenue: -0
        scope1Emissions: -0.0
        reductionTargetPercent: -0
        scope1Sources: [{ activity: "coal_kg", amount: -0 }]
        scope3Categories: [{ category: WASTE, emissions: -0.0 }]
      }
    ) {
      outcome
      changedFields
      company { version employeeCount annualRevenue scope1Emissions reductionTargetPercent totalEmissions }
      userErrors { message }
    }
  }
`);

const TooLarge = graphql(`
  mutation RulesTooLarge {
    createCompany(
      input: { name: "Large", country: "DE", scope1Emissions: 1e400, scope2Sources: [{ activity: "coal_kg", amount: 1e400 }] }
    ) {
      company { version }
      userErrors { path }
    }
  }
`);

type Fields = Partial<CreateCompanyInput>;

const api = useApi();

async function create(input: Fields) {
  const { createCompany } = await api.as(tenant()).ask(Create, { input: { name: 'Example', country: 'DE', ...input } });
  return createCompany;
}

/** What is stored of this input. */
async function stored(input: Fields) {
  const { company, userErrors } = await create(input);
  expect(userErrors).toEqual([]);
  if (!company) throw new Error('Neither a company nor an error.');
  return company;
}

/** The one problem of this input. */
async function problem(input: Fields) {
  const { company, userErrors } = await create(input);
  expect(company).toBeNull();
  expect(userErrors).toHaveLength(1);
  const [only] = userErrors;
  return only;
}

/** The top-level error of an input that GraphQL itself refuses. */
function coercionError(input: Record<string, unknown>) {
  return api.as(tenant()).fail(Create, { input: { name: 'Example', country: 'DE', ...input } });
}

describe('NACE codes', () => {
  const REVISION_2 =
    'A01-03 B05-09 C10-33 D35 E36-39 F41-43 G45-47 H49-53 I55-56 J58-63 K64-66 L68 M69-75 N77-82 O84 P85 Q86-88 R90-93 S94-96 T97-98 U99';
  const REVISION_2_1 =
    'A01-03 B05-09 C10-33 D35 E36-39 F41-43 G46-47 H49-53 I55-56 J58-60 K61-63 L64-66 M68 N69-75 O77-82 P84 Q85 R86-88 S90-93 T94-96 U97-98 V99';

  const twoDigits = (number: number) => String(number).padStart(2, '0');
  const divisions = (table: string) =>
    table.split(' ').flatMap((row) => {
      const [first = '', last = first] = row.slice(1).split('-');
      return Array.from(
        { length: Number(last) - Number(first) + 1 },
        (_, step) => row[0] + twoDigits(Number(first) + step),
      );
    });
  const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const valid = new Set([...divisions(REVISION_2), ...divisions(REVISION_2_1)]);
  const all = LETTERS.flatMap((letter) => Array.from({ length: 100 }, (_, number) => letter + twoDigits(number)));

  it('take every letter and every division of both revisions', async () => {
    expect([divisions(REVISION_2).length, divisions(REVISION_2_1).length]).toEqual([88, 87]);
    const codes = [...LETTERS.slice(0, 22), ...valid];
    expect((await stored({ naceCodes: codes })).naceCodes).toEqual(codes);
    expect((await stored({ naceCodes: codes.map((code) => code.toLowerCase()) })).naceCodes).toEqual(codes);
  });

  it('refuse every other pair of letter and division, each at its position', async () => {
    const wrong = [...LETTERS.slice(22), ...all.filter((code) => !valid.has(code))];
    for (let start = 0; start < wrong.length; start += 200) {
      const naceCodes = wrong.slice(start, start + 200);
      const { userErrors } = await create({ naceCodes });
      expect(userErrors.map(({ path }) => path)).toEqual(naceCodes.map((_, at) => ['input', 'naceCodes', String(at)]));
    }
  });

  it.each([
    ['m71', 'M71'],
    ['M.71', 'M71'],
    ['D35.1', 'D35.1'],
    ['D351', 'D35.1'],
    ['D35.11', 'D35.11'],
    ['D3511', 'D35.11'],
    ['d.35.11', 'D35.11'],
    ['D.3511', 'D35.11'],
    ['v99.00', 'V99.00'],
  ])('store %s as %s', async (code, canonical) => {
    expect((await stored({ naceCodes: [code] })).naceCodes).toEqual([canonical]);
  });

  it.each([
    '',
    '71',
    'M7',
    'D35.',
    'D35..1',
    'D35.1.1',
    'D35.111',
    'D35,11',
    'D-35',
    ' M71',
    'M71 ',
    'M71\n',
    'DE35',
    'M٧١',
    'Ⅿ71',
  ])('refuse %j and show the form', async (code) => {
    expect(await problem({ naceCodes: [code] })).toMatchObject({
      code: 'INVALID',
      path: ['input', 'naceCodes', '0'],
      message: expect.stringMatching(/M71|section/),
    });
  });

  it.each([
    ['M76', /section M: 69 to 75 in NACE Rev\. 2, 68 in Rev\. 2\.1\.$/],
    ['L71', /section L: 68 in NACE Rev\. 2, 64 to 66 in Rev\. 2\.1\.$/],
    ['v98', /section V: none in NACE Rev\. 2, 99 in Rev\. 2\.1\.$/],
    ['D36.11', /section D: 35 in NACE Rev\. 2, 35 in Rev\. 2\.1\.$/],
    ['W01', /a letter from A to V/],
  ])('hint for %s at the divisions that belong to its letter', async (code, hint) => {
    expect((await problem({ naceCodes: ['M71', code] }))?.message).toMatch(hint);
    expect((await problem({ naceCodes: ['M71', code] }))?.path).toEqual(['input', 'naceCodes', '1']);
  });

  it('drop repetitions in any spelling and keep the order of the first', async () => {
    const naceCodes = ['M71', 'd3511', 'm.71', 'D35.11', 'A', 'a'];
    expect((await stored({ naceCodes })).naceCodes).toEqual(['M71', 'D35.11', 'A']);
  });
});

describe('countries', () => {
  it.each([
    ['DE', 'DE'],
    ['de', 'DE'],
    ['dE', 'DE'],
    ['DEU', 'DE'],
    ['deu', 'DE'],
    ['DeU', 'DE'],
    ['GBR', 'GB'],
    ['GRC', 'GR'],
    ['CHE', 'CH'],
    ['swe', 'SE'],
    ['NAM', 'NA'],
  ])('store %s as %s', async (country, alpha2) => {
    expect((await stored({ country })).country).toBe(alpha2);
  });

  it.each([
    '',
    'D',
    'XX',
    'ZZ',
    'UK',
    'EU',
    'SU',
    'XYZ',
    'DEUT',
    '276',
    ' DE',
    'DE ',
    'DE\n',
    'Germany',
    'ß',
    'ﬁ',
    'ıt',
    'ＤＥ',
    'D\0',
  ])('refuse %j and name both forms', async (country) => {
    const error = await coercionError({ country });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('Variable "$input" at country: ');
    expect(error.message).toMatch(/two letters \(DE\) or three letters \(DEU\)\.$/);
  });
});

describe('certifications', () => {
  const SEVEN: Certification[] = [
    'ISO_14001',
    'SBTI_COMMITTED',
    'SBTI_VALIDATED',
    'CDP_DISCLOSURE',
    'B_CORP',
    'EMAS',
    'EU_ECOLABEL',
  ];

  it('keep the order given, drop repetitions, and score each once', async () => {
    const { certifications, carbonReadinessScore } = await stored({
      certifications: ['EMAS', 'B_CORP', 'EMAS', 'B_CORP'],
    });
    expect(certifications).toEqual(['EMAS', 'B_CORP']);
    expect(carbonReadinessScore).toBe(0.1);
    const reversed = SEVEN.toReversed();
    const all = await stored({ certifications: [...reversed, ...SEVEN] });
    expect(all.certifications).toEqual(reversed);
    expect(all.carbonReadinessScore).toBe(0.2);
  });

  it.each(['ISO_9001', 'SBTi_COMMITTED', 'emas', ''])('refuse %j and list the seven', async (unknown) => {
    const error = await coercionError({ certifications: ['EMAS', unknown] });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('Variable "$input" at certifications.1: ');
    for (const name of SEVEN) expect(error.message).toContain(name);
  });
});

describe.each(['scope1Sources', 'scope2Sources'] as const)('%s', (field) => {
  it('keep entries in the order given', async () => {
    const sources = [
      { activity: 'petrol_liters', amount: 500.25 },
      { activity: 'r134a', amount: 0 },
      { activity: 'co2_kg_2', amount: 1e15 },
      { activity: 'a'.repeat(100), amount: 5e-324 },
    ];
    expect((await stored({ [field]: sources }))[field]).toEqual(sources);
  });

  it.each([
    '',
    'Diesel_liters',
    'diesel liters',
    'diesel-liters',
    '_diesel',
    'diesel_',
    'diesel__liters',
    '1_diesel',
    'öl_liters',
    'diesel\n',
    'a'.repeat(101),
  ])('refuse the activity %j at its position', async (activity) => {
    const sources = [
      { activity: 'coal_kg', amount: 1 },
      { activity, amount: 1 },
    ];
    expect(await problem({ [field]: sources })).toMatchObject({
      code: 'INVALID',
      path: ['input', field, '1', 'activity'],
    });
  });

  it.each([-1, -5e-324, 1.1e15, 1e308])('refuse the amount %d at its position', async (amount) => {
    const error = await problem({ [field]: [{ activity: 'coal_kg', amount }] });
    expect(error).toMatchObject({ code: 'INVALID', path: ['input', field, '0', 'amount'] });
  });

  it('take 50 entries and refuse 51', async () => {
    const sources = Array.from({ length: 51 }, (_, number) => ({ activity: `activity_${number}`, amount: number }));
    expect((await stored({ [field]: sources.slice(0, 50) }))[field]).toHaveLength(50);
    expect(await problem({ [field]: sources })).toMatchObject({
      path: ['input', field],
      message: expect.stringContaining('50'),
    });
  });

  it('refuse an activity that appears again, at each further appearance', async () => {
    const sources = ['coal_kg', 'gas_kwh', 'coal_kg', 'coal_kg'].map((activity, amount) => ({ activity, amount }));
    const { userErrors } = await create({ [field]: sources });
    expect(userErrors.map(({ path }) => path)).toEqual([
      ['input', field, '2', 'activity'],
      ['input', field, '3', 'activity'],
    ]);
  });
});

describe('scope 3 categories', () => {
  const FIFTEEN: Scope3Category[] = [
    'PURCHASED_GOODS',
    'CAPITAL_GOODS',
    'FUEL_ENERGY_ACTIVITIES',
    'UPSTREAM_TRANSPORT',
    'WASTE',
    'BUSINESS_TRAVEL',
    'EMPLOYEE_COMMUTING',
    'UPSTREAM_LEASED_ASSETS',
    'DOWNSTREAM_TRANSPORT',
    'PROCESSING_OF_SOLD_PRODUCTS',
    'USE_OF_SOLD_PRODUCTS',
    'END_OF_LIFE_TREATMENT',
    'DOWNSTREAM_LEASED_ASSETS',
    'FRANCHISES',
    'INVESTMENTS',
  ];

  it('take all fifteen in any order', async () => {
    const scope3Categories = FIFTEEN.toReversed().map((category, emissions) => ({ category, emissions }));
    expect((await stored({ scope3Categories })).scope3Categories).toEqual(scope3Categories);
  });

  it.each(['purchased_goods', 'OTHER', ''])('refuse %j and list the fifteen', async (category) => {
    const error = await coercionError({ scope3Categories: [{ category, emissions: 1 }] });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    for (const name of FIFTEEN) expect(error.message).toContain(name);
  });

  it('refuse a category that appears again and negative emissions', async () => {
    const scope3Categories = [
      { category: 'WASTE' as const, emissions: -0.1 },
      { category: 'FRANCHISES' as const, emissions: 0 },
      { category: 'WASTE' as const, emissions: 1 },
    ];
    const { userErrors } = await create({ scope3Categories });
    expect(userErrors.map(({ path }) => path)).toEqual([
      ['input', 'scope3Categories', '0', 'emissions'],
      ['input', 'scope3Categories', '2', 'category'],
    ]);
  });
});

describe('numbers', () => {
  const BOUNDS = [
    ['employeeCount', 0, 2_147_483_647, -1, undefined],
    ['annualRevenue', 0, 1e15, -0.01, 1.1e15],
    ['scope1Emissions', 0, 1e15, -5e-324, 1e308],
    ['scope2Emissions', 0, 1e15, -0.1, 1e308],
    ['scope3Emissions', 0, 1e15, -1e308, 1e308],
    ['foundingYear', 1800, 2100, 1799, 2101],
    ['reductionTargetPercent', 0, 100, -0.001, 100.001],
    ['reductionTargetYear', 2020, 2100, 2019, 2101],
    ['netZeroTargetYear', 2020, 2100, 2019, 2101],
  ] as const;

  it.each(BOUNDS)('%s is stored from %d to %d', async (field, least, most) => {
    expect((await stored({ [field]: least }))[field]).toBe(least);
    expect((await stored({ [field]: most }))[field]).toBe(most);
  });

  it.each(BOUNDS)('%s beyond its bounds is refused, and the message names them', async (field, least, _, ...beyond) => {
    for (const value of beyond.filter((value) => value !== undefined)) {
      const error = await problem({ [field]: value });
      expect(error).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID', path: ['input', field] });
      expect(error?.message).toContain(String(least));
    }
  });

  it.each([
    ['employeeCount', 2_147_483_648],
    ['employeeCount', 1.5],
    ['employeeCount', '45'],
    ['foundingYear', 2018.5],
    ['annualRevenue', '5200000'],
    ['scope1Emissions', true],
    ['scope1Emissions', { value: 1 }],
  ])('%s refuses %j as no number of its type', async (field, value) => {
    const error = await coercionError({ [field]: value });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain(`Variable "$input" at ${field}: `);
  });

  it('an infinite literal is refused at its place', async () => {
    const { createCompany } = await api.as(tenant()).ask(TooLarge);
    expect(createCompany.company).toBeNull();
    expect(createCompany.userErrors.map(({ path }) => path)).toEqual([
      ['input', 'scope1Emissions'],
      ['input', 'scope2Sources', '0', 'amount'],
    ]);
  });

  it('minus zero is zero: sent again, it changes nothing', async () => {
    const client = api.as(tenant());
    const first = (await client.ask(NegativeZero)).upsertCompany;
    expect(first.userErrors).toEqual([]);
    expect(first.outcome).toBe('CREATED');
    const zeros = {
      employeeCount: 0,
      annualRevenue: 0,
      scope1Emissions: 0,
      reductionTargetPercent: 0,
      totalEmissions: 0,
    };
    expect(first.company).toEqual({ version: 1, ...zeros });
    const second = (await client.ask(NegativeZero)).upsertCompany;
    expect(second).toMatchObject({ outcome: 'UNCHANGED', changedFields: [], company: { version: 1 } });
  });

  it('a decimal comes back with every digit', async () => {
    const values = {
      annualRevenue: 0.1 + 0.2,
      scope1Emissions: 5e-324,
      scope2Emissions: 123_456_789.123_456_79,
      reductionTargetPercent: 33.333333333333336,
    };
    expect(await stored(values)).toMatchObject(values);
  });
});

describe('formats', () => {
  it.each([
    'https://greentech-solutions.de',
    'http://example.com',
    'HTTPS://Example.COM',
    'https://example.com/?q=a%20b#Ä',
    'https://bücher.example/ä',
    'http://user@127.0.0.1:8080',
  ])('website %s is echoed unchanged', async (website) => {
    expect((await stored({ website })).website).toBe(website);
  });

  it.each([
    '',
    'example.com',
    '//example.com',
    'ftp://example.com',
    'javascript:alert(1)',
    'https://',
    'https:example.com',
    'http://[::1',
    ' https://example.com',
  ])('website %j is refused', async (website) => {
    expect(await problem({ website })).toMatchObject({
      code: 'INVALID',
      path: ['input', 'website'],
      message: expect.stringContaining('https://'),
    });
  });

  it('SIC codes have four or five digits; repetitions are dropped', async () => {
    expect((await stored({ sicCodes: ['62020', '0111', '62020'] })).sicCodes).toEqual(['62020', '0111']);
  });

  it.each(['', '123', '123456', '12 34', '62.02', 'A111', '0111\n', '٠١١١'])('SIC code %j is refused', async (code) => {
    expect(await problem({ sicCodes: ['0111', code] })).toMatchObject({
      code: 'INVALID',
      path: ['input', 'sicCodes', '1'],
    });
  });

  it.each(['info@greentech-solutions.de', 'A.B+c@Example.co.uk', "o'neil@example.ie", 'x@xn--bcher-kva.example'])(
    'e-mail address %s is kept as given',
    async (contactEmail) => {
      expect((await stored({ contactEmail })).contactEmail).toBe(contactEmail);
    },
  );

  it.each([
    '',
    'info',
    'info@',
    '@example.com',
    'a@b@example.com',
    'a b@example.com',
    'a@example..com',
    'a@-example.com',
    'a@example.com\n',
    'a@example.com\r\nBcc: b@example.com',
  ])('e-mail address %j is refused', async (contactEmail) => {
    expect(await problem({ contactEmail })).toMatchObject({ code: 'INVALID', path: ['input', 'contactEmail'] });
  });
});

describe('texts', () => {
  const EMOJI = '🌍';
  const LIMITED = ['name', 'externalId', 'registrationNumber'] as const;
  const FREE = ['description', 'legalForm', 'region', 'city', 'postalCode'] as const;

  it.each(LIMITED)('%s has 1 to 500 characters, counted in code points', async (field) => {
    for (const value of ['x', 'x'.repeat(500), EMOJI.repeat(500), 'ß'.repeat(500)])
      expect((await stored({ [field]: value }))[field]).toBe(value);
    for (const value of ['', 'x'.repeat(501), EMOJI.repeat(501), EMOJI.repeat(2000)])
      expect(await problem({ [field]: value })).toMatchObject({
        code: 'INVALID',
        path: ['input', field],
        message: 'Use 1 to 500 characters.',
      });
  });

  it.each(FREE)('%s has any length', async (field) => {
    for (const value of ['', ' ', EMOJI.repeat(5000)]) expect((await stored({ [field]: value }))[field]).toBe(value);
  });

  it.each([...LIMITED, ...FREE, 'website', 'contactEmail'] as const)(
    '%s refuses what the database could not give back, with one sentence',
    async (field) => {
      expect(await problem({ [field]: 'https://a.example\0' })).toMatchObject({
        code: 'INVALID',
        path: ['input', field],
        message: 'Remove the NUL character.',
      });
      for (const value of ['\ud800', 'a\udc00b', `${EMOJI}\ud83c`])
        expect(await problem({ [field]: value })).toMatchObject({
          code: 'INVALID',
          path: ['input', field],
          message: expect.stringContaining('lone surrogate'),
        });
    },
  );

  it.each(['\0', '\ud800'])('lists refuse %j at its position', async (text) => {
    const { userErrors } = await create({
      naceCodes: ['M71', text],
      sicCodes: [text],
      scope1Sources: [{ activity: text, amount: 1 }],
    });
    expect(userErrors.map(({ path }) => path)).toEqual([
      ['input', 'naceCodes', '1'],
      ['input', 'sicCodes', '0'],
      ['input', 'scope1Sources', '0', 'activity'],
    ]);
  });

  const NAUGHTY = [
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-0',
    '1e400',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '{}',
    '[]',
    '\\',
    "'",
    '"',
    '`',
    '%',
    '_',
    '%s',
    '$&',
    '$1',
    '$$',
    "'; DROP TABLE company; --",
    "' OR 1=1 --",
    '\\x00',
    '\\u0000',
    '<script>alert(1)</script>',
    '&lt;',
    '../../etc/passwd',
    ' leading',
    'trailing ',
    '\t',
    '\n',
    '\r\n',
    '\v\f\u0085',
    '\u00a0',
    '\u200b',
    '\u200e\u202eRTL\u202c',
    '\ufeffBOM',
    '\ufffd',
    '\uffff',
    '\u{10ffff}',
    'e\u0301',
    '\u00e9',
    'Ω',
    'Ⅷ',
    'ﬁ',
    'İi',
    'ß',
    '田中さん',
    'مرحبا',
    'שלום',
    '👨‍👩‍👧‍👦',
    '🏳️‍🌈',
    '🇩🇪',
    'Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮',
    '\u0001\u0002\u001f\u007f',
  ];

  it('come back unchanged, however naughty', async () => {
    const generated = fc.sample(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0')),
      { numRuns: 180, seed: 20_260_101 },
    );
    const strings = [...new Set([...NAUGHTY, ...generated])];
    const items = strings.map((text) => ({
      externalId: text,
      name: text,
      country: 'DE',
      description: text,
      legalForm: text,
      region: text,
      city: text,
      postalCode: text,
      registrationNumber: text,
    }));
    expect(items.length).toBeLessThanOrEqual(250);
    const { upsertCompanies } = await api.as(tenant()).ask(UpsertAll, { items });
    expect(upsertCompanies.failed).toBe(0);
    expect(new Set(upsertCompanies.results.map(({ outcome }) => outcome))).toEqual(new Set(['CREATED']));
    expect(upsertCompanies.results.map(({ company }) => company)).toEqual(
      items.map(({ country: _, ...texts }) => texts),
    );
  });
});

describe('an input with many mistakes', () => {
  it('gets all of them at once, each with its path', async () => {
    const { company, warnings, userErrors } = await create({
      name: '',
      naceCodes: ['M71', 'M76', 'A01', 'nonsense'],
      sicCodes: ['1'],
      employeeCount: -1,
      annualRevenue: -1,
      foundingYear: 1492,
      website: 'example.com',
      contactEmail: 'nobody',
      externalId: '',
      registrationNumber: '\0',
      description: '\ud800',
      scope1Emissions: -1,
      scope2Emissions: 1e16,
      scope1Sources: [{ activity: 'Coal', amount: -1 }],
      scope2Sources: [
        { activity: 'grid_kwh', amount: 1 },
        { activity: 'grid_kwh', amount: 2 },
      ],
      scope3Categories: [
        { category: 'WASTE', emissions: 1 },
        { category: 'WASTE', emissions: -1 },
      ],
      reductionTargetPercent: 101,
      reductionTargetYear: 2019,
      netZeroTargetYear: 2101,
    });
    expect(company).toBeNull();
    expect(warnings).toEqual([]);
    for (const { code, message } of userErrors) {
      expect(code).toBe('INVALID');
      expect(message).toMatch(/^[A-Z].*\.$/);
    }
    expect(userErrors.map(({ path }) => path.join('.')).toSorted()).toEqual(
      [
        'name',
        'naceCodes.1',
        'naceCodes.3',
        'sicCodes.0',
        'employeeCount',
        'annualRevenue',
        'foundingYear',
        'website',
        'contactEmail',
        'externalId',
        'registrationNumber',
        'description',
        'scope1Emissions',
        'scope2Emissions',
        'scope1Sources.0.activity',
        'scope1Sources.0.amount',
        'scope2Sources.1.activity',
        'scope3Categories.1.category',
        'scope3Categories.1.emissions',
        'reductionTargetPercent',
        'reductionTargetYear',
        'netZeroTargetYear',
      ]
        .map((path) => `input.${path}`)
        .toSorted(),
    );
  });
});

describe('warnings', () => {
  const waste = (emissions: number) => [{ category: 'WASTE' as const, emissions }];

  it.each<[string, Fields, string, RegExp]>([
    [
      'scope 3 categories that add up to less',
      { scope3Emissions: 800.5, scope3Categories: waste(800) },
      'scope3Categories',
      /800\b.*800\.5/,
    ],
    [
      'scope 3 categories that add up to a tonne less than a million',
      { scope3Emissions: 1_000_001, scope3Categories: waste(1_000_000) },
      'scope3Categories',
      /1000000\b.*1000001/,
    ],
    [
      'scope 3 categories with a total of 0',
      { scope3Emissions: 0, scope3Categories: waste(0.1) },
      'scope3Categories',
      /0\.1\b.*0\./,
    ],
    [
      'net zero before the reduction year',
      { netZeroTargetYear: 2030, reductionTargetYear: 2031 },
      'netZeroTargetYear',
      /2030.*2031/,
    ],
    ['a founding year ahead', { foundingYear: 2100 }, 'foundingYear', /2100/],
  ])('tell of %s, and the company is stored', async (_, input, field, message) => {
    const { company, warnings, userErrors } = await create(input);
    expect(userErrors).toEqual([]);
    expect(company).toMatchObject(input);
    expect(warnings).toEqual([{ path: ['input', field], message: expect.stringMatching(message) }]);
  });

  it.each<[string, Fields]>([
    [
      'categories that add up in decimals',
      { scope3Emissions: 0.3, scope3Categories: [...waste(0.1), { category: 'FRANCHISES', emissions: 0.2 }] },
    ],
    ['categories without a total', { scope3Categories: waste(5) }],
    ['a total without categories', { scope3Emissions: 5 }],
    ['a total with an empty list', { scope3Emissions: 5, scope3Categories: [] }],
    ['net zero in the reduction year', { netZeroTargetYear: 2030, reductionTargetYear: 2030 }],
    ['net zero alone', { netZeroTargetYear: 2020 }],
    ['a founding year in the past', { foundingYear: 1800 }],
  ])('are silent about %s', async (_, input) => {
    expect((await create(input)).warnings).toEqual([]);
  });

  it('come all at once', async () => {
    const { warnings } = await create({
      scope3Emissions: 1,
      scope3Categories: waste(2),
      netZeroTargetYear: 2030,
      reductionTargetYear: 2040,
      foundingYear: 2100,
    });
    expect(warnings.map(({ path }) => path[1]).toSorted()).toEqual([
      'foundingYear',
      'netZeroTargetYear',
      'scope3Categories',
    ]);
  });
});

describe('a new company', () => {
  it('has nothing but what was given', async () => {
    expect(await stored({})).toEqual({
      externalId: null,
      name: 'Example',
      description: null,
      country: 'DE',
      naceCodes: [],
      sicCodes: [],
      legalForm: null,
      employeeCount: null,
      annualRevenue: null,
      foundingYear: null,
      region: null,
      city: null,
      postalCode: null,
      website: null,
      contactEmail: null,
      registrationNumber: null,
      isActive: true,
      scope1Emissions: null,
      scope2Emissions: null,
      scope3Emissions: null,
      scope1Sources: [],
      scope2Sources: [],
      scope3Categories: [],
      reductionTargetPercent: null,
      reductionTargetYear: null,
      netZeroTargetYear: null,
      certifications: [],
      carbonProfileCompleted: false,
      hasCarbonBaseline: false,
      totalEmissions: null,
      carbonReadinessScore: 0,
      version: 1,
      updatedAt: null,
    });
  });

  it('states completeness and baseline only when told so, and neither is ever scored', async () => {
    const told = { carbonProfileCompleted: true, hasCarbonBaseline: true };
    expect(await stored(told)).toMatchObject({ ...told, carbonReadinessScore: 0, totalEmissions: null });
    const untold = { carbonProfileCompleted: false, hasCarbonBaseline: false };
    expect(await stored(greenTech)).toMatchObject({ ...untold, carbonReadinessScore: 0.6 });
    expect(await stored({ ...greenTech, ...told })).toMatchObject({ ...told, carbonReadinessScore: 0.6 });
    expect(await stored({ carbonProfileCompleted: null, hasCarbonBaseline: null })).toMatchObject(untold);
  });
});

describe('total emissions', () => {
  it.each([
    [null, null, null, null],
    [0, null, null, 0],
    [0, 0, 0, 0],
    [null, 0, null, 0],
    [null, null, 7.5, 7.5],
    [110.2, 78.6, null, 188.8],
    [120.5, 85.3, null, 205.8],
    [0.1, 0.2, null, 0.3],
    [0.1, 0.2, 0.3, 0.6],
    [1e15, 1e15, 1e15, 3e15],
    [0.000_000_4, null, null, 0],
    [0.000_000_6, null, null, 0.000_001],
  ])('of %d, %d and %d are %d', async (scope1Emissions, scope2Emissions, scope3Emissions, total) => {
    const { totalEmissions } = await stored({ scope1Emissions, scope2Emissions, scope3Emissions });
    expect(totalEmissions).toBe(total);
  });
});
