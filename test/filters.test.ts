import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type {
  Certification,
  CompanyFilter,
  CountryFilter,
  DateTimeFilter,
  FiltersAllQuery,
  FloatFilter,
  IdFilter,
  IntFilter,
  StringFilter,
  UpsertCompanyInput,
} from './gql/graphql.ts';

const Upsert = graphql(`
  mutation FiltersUpsert($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) { failed results { company { companyId } } }
  }
`);

const All = graphql(`
  query FiltersAll {
    companies(first: 100) {
      nodes {
        companyId
        externalId
        name
        country
        region
        city
        registrationNumber
        isActive
        naceCodes
        certifications
        employeeCount
        foundingYear
        annualRevenue
        scope1Emissions
        scope2Emissions
        scope3Emissions
        totalEmissions
        carbonReadinessScore
        createdAt
        updatedAt
      }
    }
  }
`);

const Both = graphql(`
  query FiltersBoth($filter: CompanyFilter, $opposite: CompanyFilter) {
    matching: companies(first: 100, filter: $filter) { totalCount nodes { companyId } }
    others: companies(first: 100, filter: $opposite) { totalCount nodes { companyId } }
  }
`);

const Page = graphql(`
  query FiltersPage($filter: CompanyFilter) {
    companyPage(pageSize: 100, filter: $filter) { total items { companyId } }
  }
`);

type Row = FiltersAllQuery['companies']['nodes'][number];

// ── The reference: what each condition means, said of one row ──

/** `ignoreCase` says how to compare, so alone it is no condition. A list is one, also when it is empty. */
function setsCondition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value != null;
  return Object.entries(value).some(([name, operand]) => name !== 'ignoreCase' && operand != null);
}

const upToCase = (text: string, ignoreCase: unknown) => (ignoreCase === true ? text.toLowerCase() : text);

function meetsText(value: string | null, filter: StringFilter): boolean {
  const fold = (text: string) => upToCase(text, filter.ignoreCase);
  const known = value === null ? null : fold(value);
  return [
    filter.eq == null || known === fold(filter.eq),
    filter.neq == null || known !== fold(filter.neq),
    filter.in == null || (known !== null && filter.in.map(fold).includes(known)),
    filter.nin == null || known === null || !filter.nin.map(fold).includes(known),
    filter.contains == null || known?.includes(fold(filter.contains)) === true,
    filter.startsWith == null || known?.startsWith(fold(filter.startsWith)) === true,
    filter.isNull == null || (value === null) === filter.isNull,
  ].every(Boolean);
}

type Range<Value> = {
  [Name in 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte']?: Value | null | undefined;
} & { in?: readonly Value[] | null | undefined; isNull?: boolean | null | undefined };

function meetsRange<Value extends number>(value: Value | null, filter: Range<Value>): boolean {
  return [
    filter.eq == null || value === filter.eq,
    filter.neq == null || value !== filter.neq,
    filter.in == null || (value !== null && filter.in.includes(value)),
    filter.gt == null || (value !== null && value > filter.gt),
    filter.gte == null || (value !== null && value >= filter.gte),
    filter.lt == null || (value !== null && value < filter.lt),
    filter.lte == null || (value !== null && value <= filter.lte),
    filter.isNull == null || (value === null) === filter.isNull,
  ].every(Boolean);
}

const instant = (text: string | null | undefined) => (text == null ? null : Date.parse(text));

function meetsInstant(value: string | null, { isNull, ...filter }: DateTimeFilter): boolean {
  const bounds = Object.fromEntries(Object.entries(filter).map(([name, text]) => [name, instant(text)]));
  return meetsRange(instant(value), { ...bounds, isNull });
}

function meetsCountry(value: string, filter: CountryFilter): boolean {
  const code = (text: string) => ({ DEU: 'DE', swe: 'SE', de: 'DE' })[text] ?? text;
  return [
    filter.eq == null || value === code(filter.eq),
    filter.neq == null || value !== code(filter.neq),
    filter.in == null || filter.in.map(code).includes(value),
    filter.nin == null || !filter.nin.map(code).includes(value),
  ].every(Boolean);
}

function meetsId(value: string, filter: IdFilter): boolean {
  const bare = (id: string | number) => String(id).replace('Company:', '').toLowerCase();
  return [
    filter.eq == null || value === bare(filter.eq),
    filter.in == null || filter.in.map(bare).includes(value),
  ].every(Boolean);
}

/** A code that is this one, or stands below it. */
const isBelow = (code: string, above: string) => code.replace('.', '').startsWith(above.replace('.', '').toUpperCase());

type Leaves = Omit<CompanyFilter, 'and' | 'or' | 'not'>;
type Reference = { [Name in keyof Leaves]-?: (row: Row, filter: NonNullable<Leaves[Name]>) => boolean };

/** Every field of the filter; one that is missing here does not compile. */
const REFERENCE: Reference = {
  id: ({ companyId }, filter) => meetsId(companyId, filter),
  externalId: ({ externalId }, filter) => meetsText(externalId, filter),
  name: ({ name }, filter) => meetsText(name, filter),
  country: ({ country }, filter) => meetsCountry(country, filter),
  region: ({ region }, filter) => meetsText(region, filter),
  city: ({ city }, filter) => meetsText(city, filter),
  registrationNumber: ({ registrationNumber }, filter) => meetsText(registrationNumber, filter),
  isActive: ({ isActive }, flag) => isActive === flag,
  naceCodesAny: ({ naceCodes }, codes) => codes.some((above) => naceCodes.some((code) => isBelow(code, above))),
  certificationsAny: ({ certifications }, names) => names.some((name) => certifications.includes(name)),
  certificationsAll: ({ certifications }, names) => names.every((name) => certifications.includes(name)),
  employeeCount: ({ employeeCount }, filter) => meetsRange(employeeCount, filter),
  foundingYear: ({ foundingYear }, filter) => meetsRange(foundingYear, filter),
  annualRevenue: ({ annualRevenue }, filter) => meetsRange(annualRevenue, filter),
  scope1Emissions: ({ scope1Emissions }, filter) => meetsRange(scope1Emissions, filter),
  scope2Emissions: ({ scope2Emissions }, filter) => meetsRange(scope2Emissions, filter),
  scope3Emissions: ({ scope3Emissions }, filter) => meetsRange(scope3Emissions, filter),
  totalEmissions: ({ totalEmissions }, filter) => meetsRange(totalEmissions, filter),
  carbonReadinessScore: ({ carbonReadinessScore }, filter) => meetsRange(carbonReadinessScore, filter),
  createdAt: ({ createdAt }, filter) => meetsInstant(createdAt, filter),
  updatedAt: ({ updatedAt }, filter) => meetsInstant(updatedAt, filter),
};

/** Whether the row meets the filter; `undefined` when the filter sets no condition, and so is met by every row. */
function meets(row: Row, filter: CompanyFilter): boolean | undefined {
  const { and, or, not, ...leaves } = filter;
  const conditions = Object.entries(leaves).map(([name, value]) =>
    setsCondition(value) ? REFERENCE[name as keyof Leaves](row, value as never) : undefined,
  );
  const inner = or?.map((operand) => meets(row, operand));
  const opposite = not == null ? undefined : meets(row, not);
  const all = [
    ...conditions,
    ...(and ?? []).map((operand) => meets(row, operand)),
    inner?.includes(undefined) ? undefined : inner?.some(Boolean),
    opposite === undefined ? undefined : !opposite,
  ].filter((condition) => condition !== undefined);
  return all.length === 0 ? undefined : all.every(Boolean);
}

// ── The data: every field known and unknown, and text that is a pattern elsewhere ──

const TEXTS = [
  '100% green',
  '100 green',
  'a_b',
  'axb',
  'back\\slash',
  'backslash',
  'GREEN',
  'Ärger',
  'ärger',
  '%',
  "O'Neil",
];
const NACE = [['M71.12'], ['M71'], ['M'], ['M71.1', 'D35.11'], ['D35'], ['D35.1'], [], ['C10', 'M69.20'], ['N77']];
const CERTIFICATES: Certification[][] = [
  [],
  ['EMAS'],
  ['EMAS', 'B_CORP'],
  ['B_CORP'],
  ['ISO_14001', 'EMAS', 'B_CORP', 'SBTI_COMMITTED', 'CDP_DISCLOSURE'],
];
const NUMBERS = [null, null, 0, 0.1, 0.30000000000000004, 1e15, 12.5];
const COUNTS = [null, 0, 9, 10, 2_147_483_647];
const COUNTRIES = ['DE', 'SE', 'FR'];
const pick = <Item>(items: readonly [Item, ...Item[]] | readonly Item[], position: number) =>
  items[position % items.length] as Item;
const COMPANIES = 66;

function companies(): UpsertCompanyInput[] {
  return Array.from({ length: COMPANIES }, (_, position) => ({
    name: pick(TEXTS, position),
    externalId: position % 3 === 0 ? null : `${pick(TEXTS, position)} ${position}`,
    country: pick(COUNTRIES, position),
    region: pick([null, '', ...TEXTS], position),
    city: pick([...TEXTS, null], position * 5),
    registrationNumber: position % 4 === 0 ? null : `HRB ${position}`,
    isActive: position % 5 !== 0,
    naceCodes: pick(NACE, position),
    certifications: pick(CERTIFICATES, position),
    employeeCount: pick(COUNTS, position),
    foundingYear: pick([null, 1800, 1999, 2100], position),
    annualRevenue: pick(NUMBERS, position),
    scope1Emissions: pick(NUMBERS, position + 1),
    scope2Emissions: pick(NUMBERS, Math.floor(position / 2)),
    scope3Emissions: pick(NUMBERS, Math.floor(position / 3)),
  }));
}

describe('the filter of companies', () => {
  const api = useApi();
  let client: Client;
  let rows: Row[];

  beforeAll(async () => {
    const tenantId = given.tenant();
    client = api.as(tenantId);
    const other = api.as(given.tenant());
    const { upsertCompanies } = await client.ask(Upsert, { items: companies() });
    expect(upsertCompanies.failed).toBe(0);
    await other.ask(Upsert, { items: companies().slice(0, 20) });
    const ids = upsertCompanies.results.map(({ company }) => company?.companyId);
    await query(
      api.databaseUrl,
      `UPDATE company SET created_at = at, updated_at = CASE WHEN position % 3 > 0 THEN at + interval '1 day' END
       FROM (SELECT id, o AS position, timestamptz '2026-01-01 00:00:00.123Z' + (o % 5) * interval '1 hour' AS at
             FROM unnest($2::uuid[]) WITH ORDINALITY AS ids(id, o)) AS chosen
       WHERE tenant_id = $1 AND company.id = chosen.id`,
      [tenantId, ids],
    );
    rows = (await client.ask(All)).companies.nodes;
    expect(rows).toHaveLength(COMPANIES);
  });

  /** Sends the filter and its opposite, and holds both against the reference. @returns how many match. */
  async function check(filter: CompanyFilter): Promise<number> {
    const { matching, others } = await client.ask(Both, { filter, opposite: { not: filter } });
    const judged = rows.map((row) => meets(row, filter));
    const isEmpty = judged.includes(undefined);
    const idsOf = (list: readonly { companyId: string }[]) => list.map(({ companyId }) => companyId).sort();
    expect(idsOf(matching.nodes)).toEqual(idsOf(rows.filter((_, position) => judged[position] !== false)));
    expect(idsOf(others.nodes)).toEqual(idsOf(rows.filter((_, position) => isEmpty || judged[position] === false)));
    expect(matching.totalCount).toBe(matching.nodes.length);
    expect(others.totalCount).toBe(others.nodes.length);
    if (!isEmpty) expect(matching.totalCount + others.totalCount).toBe(COMPANIES);
    return matching.totalCount;
  }

  /** Of these filters, each must tell some rows from others, so that a condition that is ignored is seen. */
  async function checkTelling(filters: readonly CompanyFilter[]): Promise<void> {
    for (const filter of filters) {
      const matching = await check(filter);
      expect([0, COMPANIES], JSON.stringify(filter)).not.toContain(matching);
    }
  }

  it.each([
    ['externalId', 'a_b 2', '100 green 1', 'a_b', '_b '],
    ['name', 'GREEN', 'a_b', 'GR', 'ree'],
    ['region', 'GREEN', 'a_b', 'GR', 'REE'],
    ['city', 'Ärger', 'a_b', 'Ä', 'rg'],
    ['registrationNumber', 'HRB 22', 'HRB 1', 'HRB 2', ' 2'],
  ] as const)('takes every operator on %s', async (field, one, other, beginning, part) => {
    const swapCase = (text: string) => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());
    const operators: StringFilter[] = [
      { eq: one },
      { neq: one },
      { in: [one, other, 'none'] },
      { nin: [one, other] },
      { contains: part },
      { startsWith: beginning },
      { neq: other, startsWith: beginning },
      { eq: swapCase(one), ignoreCase: true },
      { neq: swapCase(one), ignoreCase: true },
      { in: [swapCase(one), swapCase(other)], ignoreCase: true },
      { nin: [swapCase(one), swapCase(other)], ignoreCase: true },
      { contains: swapCase(part), ignoreCase: true },
      { startsWith: swapCase(beginning), ignoreCase: true },
    ];
    await checkTelling(operators.map((operator) => ({ [field]: operator })));
    if (field !== 'name') await checkTelling([{ [field]: { isNull: true } }, { [field]: { isNull: false } }]);
  });

  it('takes every operator on country, and two letters for three', async () => {
    await checkTelling([
      { country: { eq: 'DE' } },
      { country: { eq: 'DEU' } },
      { country: { eq: 'de' } },
      { country: { neq: 'DEU' } },
      { country: { in: ['DEU', 'swe'] } },
      { country: { nin: ['DEU', 'swe'] } },
    ]);
    const [short, long] = await Promise.all(
      ['DE', 'DEU'].map(
        async (country) => (await client.ask(Page, { filter: { country: { eq: country } } })).companyPage,
      ),
    );
    expect(short).toEqual(long);
    const error = await client.fail(Page, { filter: { country: { eq: 'XX' } } });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('Use an ISO 3166-1 country code');
  });

  it.each([
    ['employeeCount', 9],
    ['foundingYear', 1999],
  ] as const)('takes every operator on %s', async (field, value) => {
    const operators: IntFilter[] = [
      { eq: value },
      { neq: value },
      { in: [value, 0, 1800] },
      { gt: value },
      { gte: value },
      { lt: value },
      { lte: value },
      { gte: 0, lt: 2100 },
      { isNull: true },
      { isNull: false },
    ];
    await checkTelling(operators.map((operator) => ({ [field]: operator })));
  });

  it.each([
    'annualRevenue',
    'scope1Emissions',
    'scope2Emissions',
    'scope3Emissions',
    'totalEmissions',
    'carbonReadinessScore',
  ] as const)('takes every operator on %s', async (field) => {
    const value = field === 'carbonReadinessScore' ? 0.3 : field === 'totalEmissions' ? 12.5 : 0.30000000000000004;
    const operators: FloatFilter[] = [
      { gt: 0.05 },
      { gte: value },
      { lt: value },
      { lte: value },
      { gte: value, lte: value },
    ];
    await checkTelling(operators.map((operator) => ({ [field]: operator })));
    if (field !== 'carbonReadinessScore') {
      await checkTelling([{ [field]: { isNull: true } }, { [field]: { isNull: false } }]);
    }
    for (const extreme of [1e308, -1e308, 5e-324, -0]) await check({ [field]: { lte: extreme } });
  });

  it.each(['createdAt', 'updatedAt'] as const)('takes every operator on %s, in any offset', async (field) => {
    const value = rows.map((row) => row[field]).find((text) => text?.includes('T02')) ?? '';
    const elsewhere = value.replace('T02', 'T07').replace('Z', '+05:00');
    for (const text of [value, elsewhere]) {
      const operators: DateTimeFilter[] = [
        { gt: text },
        { gte: text },
        { lt: text },
        { lte: text },
        { gte: text, lte: text },
      ];
      await checkTelling(operators.map((operator) => ({ [field]: operator })));
    }
    if (field === 'updatedAt') await checkTelling([{ updatedAt: { isNull: true } }, { updatedAt: { isNull: false } }]);
    await check({ [field]: { gte: '0001-01-01T00:00:00Z', lte: '9999-12-31T23:59:59.999Z' } });
  });

  it.each(['name', 'carbonReadinessScore', 'createdAt'] as const)(
    'knows that %s is never null: isNull matches nothing or everything, and so does its opposite',
    async (field) => {
      expect(await check({ [field]: { isNull: true } })).toBe(0);
      expect(await check({ [field]: { isNull: false } })).toBe(COMPANIES);
      expect(await check({ country: { eq: 'DE' }, [field]: { isNull: true } })).toBe(0);
    },
  );

  it('takes isActive', async () => {
    await checkTelling([{ isActive: true }, { isActive: false }]);
  });

  it('takes IDs bare, global and in upper case', async () => {
    const [one = '', other = ''] = rows.map(({ companyId }) => companyId);
    for (const id of [one, `Company:${one}`, one.toUpperCase(), `Company:${one.toUpperCase()}`]) {
      expect(await check({ id: { eq: id } })).toBe(1);
      expect(await check({ id: { in: [id, other, randomUUID(), other] } })).toBe(2);
    }
    expect(await check({ id: { eq: one, in: [other] } })).toBe(0);
  });

  it.each([
    ['garbage', 'This is not an ID. Use the `id` of a Company or its bare UUID.'],
    ['', 'This is not an ID. Use the `id` of a Company or its bare UUID.'],
    ['%', 'This is not an ID. Use the `id` of a Company or its bare UUID.'],
    ['-'.repeat(36), 'This is not an ID. Use the `id` of a Company or its bare UUID.'],
    [`Tariff:${randomUUID()}`, 'This ID is not that of a Company. Use the `id` of a Company or its bare UUID.'],
    [`company:${randomUUID()}`, 'This ID is not that of a Company. Use the `id` of a Company or its bare UUID.'],
    [`__proto__:${randomUUID()}`, 'This ID is not that of a Company. Use the `id` of a Company or its bare UUID.'],
  ])('refuses "%s" as an ID', async (id, message) => {
    expect(await client.fail(Page, { filter: { id: { eq: id } } })).toMatchObject({
      message,
      extensions: { code: 'BAD_USER_INPUT', argument: ['filter', 'id', 'eq'] },
    });
    expect(await client.fail(Page, { filter: { or: [{ not: { id: { in: [randomUUID(), id] } } }] } })).toMatchObject({
      message,
      extensions: { code: 'BAD_USER_INPUT', argument: ['filter', 'or', '0', 'not', 'id', 'in', '1'] },
    });
  });

  it('matches NACE codes by section, division, group and class', async () => {
    const matched = async (...codes: string[]) => {
      await checkTelling([{ naceCodesAny: codes }]);
      const { companyPage } = await client.ask(Page, { filter: { naceCodesAny: codes } });
      const ids = new Set(companyPage.items.map(({ companyId }) => companyId));
      const found = rows.filter(({ companyId }) => ids.has(companyId)).map(({ naceCodes }) => naceCodes.join());
      return [...new Set(found)].sort();
    };
    expect(await matched('M')).toEqual(['C10,M69.20', 'M', 'M71', 'M71.1,D35.11', 'M71.12']);
    expect(await matched('M71')).toEqual(['M71', 'M71.1,D35.11', 'M71.12']);
    expect(await matched('M71.1')).toEqual(['M71.1,D35.11', 'M71.12']);
    expect(await matched('M71.12')).toEqual(['M71.12']);
    expect(await matched('m7112')).toEqual(['M71.12']);
    expect(await matched('D35', 'N')).toEqual(['D35', 'D35.1', 'M71.1,D35.11', 'N77']);
    expect(await check({ naceCodesAny: ['A'] })).toBe(0);
  });

  it.each(['', 'M7', 'W', 'M71.', '%', 'M99', 'M\0'])('refuses "%s" as a NACE code', async (code) => {
    const error = await client.fail(Page, { filter: { naceCodesAny: ['M', code] } });
    expect(error.message).toMatch(/^Use a /);
    expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['filter', 'naceCodesAny', '1'] });
  });

  it('matches any or all of the certifications', async () => {
    await checkTelling([
      { certificationsAny: ['EMAS'] },
      { certificationsAny: ['EMAS', 'CDP_DISCLOSURE'] },
      { certificationsAll: ['EMAS', 'B_CORP'] },
      { certificationsAll: ['B_CORP', 'EMAS', 'EMAS'] },
    ]);
    expect(await check({ certificationsAny: ['EU_ECOLABEL'] })).toBe(0);
  });

  it('has any of an empty list in no company and all of it in each', async () => {
    expect(await check({ naceCodesAny: [] })).toBe(0);
    expect(await check({ certificationsAny: [] })).toBe(0);
    expect(await check({ certificationsAll: [] })).toBe(COMPANIES);
    expect(await check({ certificationsAll: [], country: { eq: 'DE' } })).toBe(COMPANIES / 3);
  });

  it('sets no condition by what is absent, null or empty', async () => {
    const empty: CompanyFilter[] = [
      {},
      { name: null, isActive: null, naceCodesAny: null, certificationsAll: null, and: null, or: null, not: null },
      { name: {}, region: {}, id: {}, country: {}, employeeCount: {}, annualRevenue: {}, updatedAt: {} },
      { name: { eq: null, in: null, isNull: null, ignoreCase: null } },
      { name: { ignoreCase: true } },
      { and: [] },
      { and: [{}, {}] },
      { not: {} },
      { not: { not: {} } },
      { not: { name: {} } },
      { or: [{}] },
      { or: [{}, { country: { eq: 'DE' } }] },
    ];
    for (const filter of empty) expect(await check(filter), JSON.stringify(filter)).toBe(COMPANIES);
    expect((await client.ask(Page, { filter: null })).companyPage.total).toBe(COMPANIES);
    expect((await client.ask(Page, { filter: undefined })).companyPage.total).toBe(COMPANIES);
    expect(await check({ and: [{}, { country: { eq: 'DE' } }], not: {} })).toBe(COMPANIES / 3);
  });

  it('matches nothing by an empty list of alternatives, wherever it stands', async () => {
    const nothing: CompanyFilter[] = [
      { or: [] },
      { id: { in: [] } },
      { name: { in: [] } },
      { region: { in: [] } },
      { region: { in: [], ignoreCase: true } },
      { country: { in: [] } },
      { employeeCount: { in: [] } },
      { naceCodesAny: [] },
    ];
    const german: CompanyFilter = { country: { eq: 'DE' } };
    for (const filter of nothing) {
      expect(await check(filter)).toBe(0);
      expect(await check({ and: [german, filter] })).toBe(0);
      expect(await check({ ...german, and: [{ and: [filter] }] })).toBe(0);
      expect(await check({ or: [german, filter] })).toBe(COMPANIES / 3);
      expect(await check({ or: [filter, { or: [filter] }] })).toBe(0);
      expect(await check({ ...german, not: filter })).toBe(COMPANIES / 3);
      expect(await check({ or: [german, { not: filter }] })).toBe(COMPANIES);
    }
    expect(await check({ isActive: true, or: [] })).toBe(0);
    expect(await check({ name: { nin: [] } })).toBe(COMPANIES);
    expect(await check({ region: { nin: [], ignoreCase: true } })).toBe(COMPANIES);
    expect(await check({ country: { nin: [] }, isActive: false })).toBeLessThan(COMPANIES);
  });

  it('includes null in neq and nin, and in no other condition', async () => {
    const withoutRegion = rows.filter(({ region }) => region === null).map(({ companyId }) => companyId);
    expect(withoutRegion).not.toHaveLength(0);
    const found = async (region: StringFilter) => {
      const { companyPage } = await client.ask(Page, { filter: { region, id: { in: withoutRegion } } });
      return companyPage.total;
    };
    for (const ignoreCase of [false, true]) {
      expect(await found({ neq: 'GREEN', ignoreCase })).toBe(withoutRegion.length);
      expect(await found({ nin: ['GREEN'], ignoreCase })).toBe(withoutRegion.length);
      expect(await found({ nin: [], ignoreCase })).toBe(withoutRegion.length);
      for (const condition of [{ eq: '' }, { in: [''] }, { contains: '' }, { startsWith: '' }]) {
        expect(await found({ ...condition, ignoreCase })).toBe(0);
      }
    }
    expect(await check({ employeeCount: { neq: 9 } })).toBe(
      rows.filter(({ employeeCount }) => employeeCount !== 9).length,
    );
  });

  it.each(['%', '_', '\\', '0%', 'a_b', 'k\\s', '\\%', '100%', "'", '%%', '\\\\'])(
    'takes "%s" literally',
    async (text) => {
      for (const ignoreCase of [false, true]) {
        const holding = rows.filter(({ name }) => name.includes(text)).length;
        const beginning = rows.filter(({ name }) => name.startsWith(text)).length;
        const equal = rows.filter(({ name }) => name === text).length;
        expect(await check({ name: { contains: text, ignoreCase } })).toBe(holding);
        expect(await check({ name: { startsWith: text, ignoreCase } })).toBe(beginning);
        expect(await check({ name: { eq: text, ignoreCase } })).toBe(equal);
        expect(await check({ name: { in: [text, `${text}x`], ignoreCase } })).toBe(equal);
        expect(await check({ name: { nin: [text], ignoreCase } })).toBe(COMPANIES - equal);
      }
    },
  );

  it.each([
    ['NUL', 'a\0b', 'Remove the NUL character.'],
    ['a lone surrogate', 'a\ud800b', 'Remove the lone surrogate: the text is not valid Unicode.'],
  ])('refuses text with %s', async (_, text, message) => {
    const filters: [CompanyFilter, string[]][] = [
      [{ name: { eq: text } }, ['name', 'eq']],
      [{ name: { neq: text, ignoreCase: true } }, ['name', 'neq']],
      [{ city: { in: ['x', text] } }, ['city', 'in']],
      [{ city: { nin: [text] } }, ['city', 'nin']],
      [{ externalId: { contains: text } }, ['externalId', 'contains']],
      [{ and: [{ registrationNumber: { startsWith: text } }] }, ['and', '0', 'registrationNumber', 'startsWith']],
    ];
    for (const [filter, argument] of filters) {
      expect(await client.fail(Page, { filter })).toMatchObject({
        message,
        extensions: { code: 'BAD_USER_INPUT', argument: ['filter', ...argument] },
      });
    }
  });

  describe('nests', () => {
    const steps = {
      and: (filter: CompanyFilter): CompanyFilter => ({ and: [filter] }),
      or: (filter: CompanyFilter): CompanyFilter => ({ or: [filter] }),
      not: (filter: CompanyFilter): CompanyFilter => ({ not: filter }),
    };
    const nest = (names: readonly (keyof typeof steps)[]) =>
      names.reduceRight<CompanyFilter>((filter, name) => steps[name](filter), { country: { eq: 'DE' } });

    it.each(['and', 'or', 'not'] as const)('%s five deep and no deeper', async (name) => {
      const { companyPage } = await client.ask(Page, { filter: nest(Array(5).fill(name)) });
      expect(companyPage.total).toBe(name === 'not' ? (COMPANIES * 2) / 3 : COMPANIES / 3);
      const error = await client.fail(Page, { filter: nest(Array(6).fill(name)) });
      expect(error).toMatchObject({
        message: 'Nest and, or and not at most 5 deep.',
        extensions: { code: 'BAD_USER_INPUT' },
      });
      expect(error.extensions.argument?.filter((step) => step === name)).toHaveLength(6);
    });

    it('the three together five deep and no deeper, also around an empty filter', async () => {
      const { companyPage } = await client.ask(Page, { filter: nest(['and', 'not', 'or', 'not', 'and']) });
      expect(companyPage.total).toBe(COMPANIES / 3);
      const message = 'Nest and, or and not at most 5 deep.';
      expect((await client.fail(Page, { filter: nest(['and', 'not', 'or', 'not', 'and', 'or']) })).message).toBe(
        message,
      );
      const deep: CompanyFilter = { not: { not: { not: { not: { not: { and: [{}] } } } } } };
      expect((await client.fail(Page, { filter: { or: [{ country: { eq: 'DE' } }], ...deep } })).message).toBe(message);
    });
  });

  it('and its opposite split the companies exactly, whatever the filter', async () => {
    const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 9 });
    // One or two at a time: of many conditions together hardly any tells one row from another.
    const some = <Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) =>
      fc
        .subarray(Object.keys(shape), { minLength: 1, maxLength: 2 })
        .chain((names) =>
          fc.record(Object.fromEntries(names.map((name) => [name, shape[name] as fc.Arbitrary<unknown>]))),
        );
    const word = fc.constantFrom(...TEXTS, '', 'green', '0', '_', '\\', 'HRB', 'r', 'Ä', 'none');
    const text = some({
      eq: maybe(word),
      neq: maybe(word),
      in: maybe(fc.array(word, { maxLength: 3 })),
      nin: maybe(fc.array(word, { maxLength: 3 })),
      contains: maybe(word),
      startsWith: maybe(word),
      ignoreCase: maybe(fc.boolean()),
      isNull: maybe(fc.boolean()),
    });
    const whole = fc.constantFrom(0, 9, 10, 1800, 1999, 2100, 2_147_483_647, -2_147_483_648);
    const range = <Value>(value: fc.Arbitrary<Value>) => ({
      gt: maybe(value),
      gte: maybe(value),
      lt: maybe(value),
      lte: maybe(value),
      isNull: maybe(fc.boolean()),
    });
    const int = some({
      eq: maybe(whole),
      neq: maybe(whole),
      in: maybe(fc.array(whole, { maxLength: 3 })),
      ...range(whole),
    });
    const float = some(range(fc.constantFrom(0, 0.1, 0.3, 0.30000000000000004, 0.45, 12.5, 1e15, -1, 1e300)));
    const hour = fc.constantFrom('00', '01', '02', '04');
    const time = some(
      range(fc.tuple(hour, fc.constantFrom('123', '124')).map(([h, ms]) => `2026-01-01T${h}:00:00.${ms}Z`)),
    );
    const country = fc.constantFrom('DE', 'DEU', 'swe', 'SE', 'FR', 'NO');
    const countries = fc.array(country, { maxLength: 2 });
    const id = fc.constantFrom(...rows.slice(0, 9).map(({ companyId }) => companyId), `Company:${rows[9]?.companyId}`);
    const certification = fc.constantFrom<Certification>('EMAS', 'B_CORP', 'ISO_14001', 'EU_ECOLABEL');
    const certifications = maybe(fc.array(certification, { maxLength: 2 }));
    const leaves = {
      id: maybe(some({ eq: maybe(id), in: maybe(fc.array(id, { maxLength: 6 })) })),
      externalId: maybe(text),
      name: maybe(text),
      country: maybe(some({ eq: maybe(country), neq: maybe(country), in: maybe(countries), nin: maybe(countries) })),
      region: maybe(text),
      city: maybe(text),
      registrationNumber: maybe(text),
      isActive: maybe(fc.boolean()),
      naceCodesAny: maybe(fc.array(fc.constantFrom('M', 'm71', 'M71.1', 'M7112', 'D35.1', 'N'), { maxLength: 2 })),
      certificationsAny: certifications,
      certificationsAll: certifications,
      employeeCount: maybe(int),
      foundingYear: maybe(int),
      annualRevenue: maybe(float),
      scope1Emissions: maybe(float),
      scope2Emissions: maybe(float),
      scope3Emissions: maybe(float),
      totalEmissions: maybe(float),
      carbonReadinessScore: maybe(float),
      createdAt: maybe(time),
      updatedAt: maybe(time),
    } satisfies Record<keyof Leaves, fc.Arbitrary<unknown>>;
    const leaf = fc.oneof(
      { weight: 9, arbitrary: some(leaves) },
      { weight: 1, arbitrary: fc.constant({}) },
    ) as fc.Arbitrary<CompanyFilter>;
    const deeper = (inner: fc.Arbitrary<CompanyFilter>) =>
      fc
        .tuple(
          leaf,
          some({ and: fc.array(inner, { maxLength: 2 }), or: fc.array(inner, { maxLength: 3 }), not: inner }),
        )
        .map(([own, combined]) => ({ ...own, ...combined }));
    const filter = fc.oneof(leaf, deeper(leaf), deeper(deeper(leaf)), deeper(deeper(deeper(leaf))));
    let telling = 0;
    await fc.assert(
      fc.asyncProperty(filter, async (generated) => {
        const matching = await check(generated);
        if (matching > 0 && matching < COMPANIES) telling += 1;
      }),
      { numRuns: 200 },
    );
    expect(telling).toBeGreaterThan(20);
  }, 120_000);
});
