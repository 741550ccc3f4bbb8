/** The carbon readiness score and the total, each computed twice: here as documented, and in a column of the database. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CarbonProfile, readiness } from '../src/company/readiness.ts';
import { useApi } from './api.ts';
import { query } from './database.ts';
import { tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type { Certification, Scope3AmountInput, Scope3Category, UpsertCompanyInput } from './gql/graphql.ts';

const UpsertAll = graphql(`
  mutation ReadinessUpsertAll($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) {
      succeeded
      results { company { totalEmissions carbonReadinessScore carbonReadiness { score } } userErrors { message path } }
    }
  }
`);

const Clear = graphql(`
  mutation ReadinessClear($by: CompanyKey!, $patch: CompanyPatch!) {
    patchCompany(by: $by, patch: $patch) {
      company { scope3Categories { category } carbonReadinessScore }
      userErrors { message }
    }
  }
`);

const EMPTY: CarbonProfile = {
  scope1Emissions: null,
  scope2Emissions: null,
  scope3Emissions: null,
  scope3Categories: [],
  reductionTargetPercent: null,
  reductionTargetYear: null,
  netZeroTargetYear: null,
  certifications: [],
};

const CERTIFICATIONS: Certification[] = [
  'ISO_14001',
  'SBTI_COMMITTED',
  'SBTI_VALIDATED',
  'CDP_DISCLOSURE',
  'B_CORP',
  'EMAS',
  'EU_ECOLABEL',
];
const CATEGORIES: Scope3Category[] = ['PURCHASED_GOODS', 'WASTE', 'INVESTMENTS'];

describe('readiness', () => {
  it.each<[string, Partial<CarbonProfile>, number]>([
    ['nothing', {}, 0],
    ['scope 1 alone', { scope1Emissions: 1 }, 0],
    ['scope 2 alone', { scope2Emissions: 1 }, 0],
    ['scopes 1 and 2', { scope1Emissions: 120.5, scope2Emissions: 85.3 }, 30],
    ['scopes 1 and 2 of zero', { scope1Emissions: 0, scope2Emissions: 0 }, 30],
    ['scope 3', { scope3Emissions: 1 }, 15],
    ['scope 3 of zero', { scope3Emissions: 0 }, 15],
    ['one category of scope 3', { scope3Categories: [{ category: 'WASTE', emissions: 0 }] }, 15],
    ['scope 3 and its categories', { scope3Emissions: 1, scope3Categories: [{ category: 'WASTE', emissions: 1 }] }, 15],
    ['no category of scope 3', { scope3Categories: [] }, 0],
    ['a target percent without a year', { reductionTargetPercent: 50 }, 0],
    ['a target year without a percent', { reductionTargetYear: 2030 }, 0],
    ['a target of 0 percent', { reductionTargetPercent: 0, reductionTargetYear: 2030 }, 0],
    ['the least target', { reductionTargetPercent: 5e-324, reductionTargetYear: 2020 }, 20],
    ['a target', { reductionTargetPercent: 50, reductionTargetYear: 2030 }, 20],
    ['net zero', { netZeroTargetYear: 2050 }, 15],
    ...[0, 5, 10, 15, 20, 20, 20, 20].map((points, count): [string, Partial<CarbonProfile>, number] => [
      `${count} certifications`,
      { certifications: CERTIFICATIONS.slice(0, count) },
      points,
    ]),
    ['a certification twice', { certifications: ['EMAS', 'EMAS'] }, 5],
    [
      "the source's example",
      {
        scope1Emissions: 120.5,
        scope2Emissions: 85.3,
        reductionTargetPercent: 50,
        reductionTargetYear: 2030,
        certifications: ['ISO_14001', 'SBTI_COMMITTED'],
      },
      60,
    ],
    [
      'everything',
      {
        scope1Emissions: 0,
        scope2Emissions: 0,
        scope3Emissions: 0,
        reductionTargetPercent: 100,
        reductionTargetYear: 2100,
        netZeroTargetYear: 2100,
        certifications: CERTIFICATIONS,
      },
      100,
    ],
  ])('of %s', (_, profile, points) => {
    expect(readiness({ ...EMPTY, ...profile }).points).toBe(points);
  });

  it('names all five criteria in their order, with weights that add up to 100', () => {
    const { criteria } = readiness(EMPTY);
    expect(criteria.map(({ criterion, weight }) => [criterion, weight])).toEqual([
      ['BASELINE', 30],
      ['SCOPE_3', 15],
      ['REDUCTION_TARGET', 20],
      ['NET_ZERO_TARGET', 15],
      ['CERTIFICATIONS', 20],
    ]);
  });

  it.each<[string, Partial<CarbonProfile>, string[]]>([
    ['nothing', {}, ['scope1Emissions', 'scope2Emissions']],
    ['scope 1 of zero', { scope1Emissions: 0 }, ['scope2Emissions']],
    ['scope 2 of zero', { scope2Emissions: 0 }, ['scope1Emissions']],
    ['both', { scope1Emissions: 0, scope2Emissions: 0 }, []],
  ])('names what a baseline of %s lacks', (_, profile, missing) => {
    const [baseline] = readiness({ ...EMPTY, ...profile }).criteria;
    expect(baseline?.missing).toEqual(missing);
    if (missing.length === 0) expect(baseline?.nextStep).toBeNull();
    for (const field of missing) expect(baseline?.nextStep).toContain(field);
  });

  it.each<[Partial<CarbonProfile>, string[]]>([
    [{}, ['reductionTargetPercent', 'reductionTargetYear']],
    [{ reductionTargetPercent: 0, reductionTargetYear: 2030 }, ['reductionTargetPercent']],
    [{ reductionTargetPercent: 50 }, ['reductionTargetYear']],
    [{ reductionTargetPercent: 50, reductionTargetYear: 2030 }, []],
  ])('names what the target %j lacks', (profile, missing) => {
    expect(readiness({ ...EMPTY, ...profile }).criteria[2]?.missing).toEqual(missing);
  });

  it.each([
    [0, /4 more recognised certifications and add them/],
    [3, /1 more recognised certification and add it/],
    [4, null],
    [7, null],
  ])('tells who has %d certifications how many count still', (count, step) => {
    const criterion = readiness({ ...EMPTY, certifications: CERTIFICATIONS.slice(0, count) }).criteria[4];
    if (step === null) expect(criterion).toMatchObject({ missing: [], nextStep: null });
    else expect(criterion).toMatchObject({ missing: ['certifications'], nextStep: expect.stringMatching(step) });
  });

  it('of any profile is the sum of what is earned, and something is missing exactly where not all is', () => {
    fc.assert(
      fc.property(profiles(fc.double({ min: 0, max: 1e15, noNaN: true })), (profile) => {
        const { points, criteria } = readiness({ ...EMPTY, ...profile });
        expect(criteria.reduce((sum, { earned }) => sum + earned, 0)).toBe(points);
        for (const { earned, weight, missing, nextStep } of criteria) {
          expect(Number.isInteger(earned) && earned >= 0 && earned <= weight).toBe(true);
          expect([missing.length > 0, nextStep !== null]).toEqual([earned < weight, earned < weight]);
        }
      }),
    );
  });
});

type Profile = Required<{ [Name in keyof CarbonProfile]: CarbonProfile[Name] }> & {
  scope3Categories: Scope3AmountInput[];
  certifications: Certification[];
  carbonProfileCompleted: boolean;
  hasCarbonBaseline: boolean;
};

function profiles(amount: fc.Arbitrary<number>): fc.Arbitrary<Profile> {
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 2 });
  const emissions = maybe(fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: amount }));
  const year = maybe(fc.integer({ min: 2020, max: 2100 }));
  return fc.record({
    scope1Emissions: emissions,
    scope2Emissions: emissions,
    scope3Emissions: emissions,
    scope3Categories: fc
      .subarray(CATEGORIES)
      .chain((names) =>
        fc.tuple(...names.map((category) => fc.record({ category: fc.constant(category), emissions: amount }))),
      ),
    reductionTargetPercent: maybe(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true }))),
    reductionTargetYear: year,
    netZeroTargetYear: year,
    certifications: fc.array(fc.constantFrom(...CERTIFICATIONS), { maxLength: 10 }),
    carbonProfileCompleted: fc.boolean(),
    hasCarbonBaseline: fc.boolean(),
  });
}

/** Up to 15 digits, as many as a double always gives back, with up to 9 of them after the point. */
const decimals = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 1e15 - 1 })),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([digits, places]) => Number(`${digits}e-${places}`));

/** The sum as a person would do it on paper: of the decimals as they are written, rounded half up to a gram. */
function exactTotal(scopes: (number | null)[]): number | null {
  const known = scopes.filter((scope) => scope !== null);
  if (known.length === 0) return null;
  const milligrams = known.reduce((sum, scope) => sum + inBillionths(scope), 0n);
  return Number(`${(milligrams + 500n) / 1000n}e-6`);
}

function inBillionths(value: number): bigint {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  return BigInt(`${whole}${fraction}`) * 10n ** BigInt(9 + Number(exponent) - fraction.length);
}

type Columns = { total_emissions: number | null; carbon_readiness_score: number };

describe('the columns of the database', () => {
  const api = useApi();

  /** What the API answers of each profile, and what the columns hold. */
  async function stored(batch: Profile[]) {
    const tenantId = tenant();
    const items: UpsertCompanyInput[] = batch.map((profile, position) => ({
      ...profile,
      name: 'Generated',
      country: 'SE',
      externalId: String(position).padStart(3, '0'),
    }));
    const { upsertCompanies } = await api.as(tenantId).ask(UpsertAll, { items });
    const errors = upsertCompanies.results.flatMap(({ userErrors }) => userErrors);
    expect(errors).toEqual([]);
    const columns = await query<Columns>(
      api.databaseUrl,
      'SELECT total_emissions, carbon_readiness_score FROM company WHERE tenant_id = $1 ORDER BY external_id',
      [tenantId],
    );
    expect(columns).toHaveLength(batch.length);
    return { answers: upsertCompanies.results.map(({ company }) => company), columns };
  }

  /** Generated profiles in batches of 250; a failure names the seed that makes the same ones again. */
  function batches(amount: fc.Arbitrary<number>, count: number) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const generated = fc.sample(profiles(amount), { numRuns: 250 * count, seed });
    return { seed, list: Array.from({ length: count }, (_, at) => generated.slice(250 * at, 250 * (at + 1))) };
  }

  it('equal the function and the exact decimal sum for any profile', { timeout: 240_000 }, async () => {
    const { seed, list } = batches(decimals, 4);
    for (const batch of list) {
      const { answers, columns } = await stored(batch);
      const expected = batch.map((profile) => ({
        profile,
        score: readiness(profile).points / 100,
        total: exactTotal([profile.scope1Emissions, profile.scope2Emissions, profile.scope3Emissions]),
      }));
      const found = columns.map((row, at) => ({
        profile: batch[at],
        score: row.carbon_readiness_score,
        total: row.total_emissions,
      }));
      expect(found, `seed ${seed}`).toEqual(expected);
      expect(answers, `seed ${seed}`).toEqual(
        expected.map(({ score, total }) => ({
          totalEmissions: total,
          carbonReadinessScore: score,
          carbonReadiness: { score },
        })),
      );
    }
  });

  it('stay within a gram or 14 digits of the sum for any doubles', { timeout: 240_000 }, async () => {
    const { seed, list } = batches(fc.double({ min: 0, max: 1e15, noNaN: true }), 1);
    for (const batch of list) {
      const { columns } = await stored(batch);
      columns.forEach(({ total_emissions: total }, at) => {
        const scopes = [batch[at]?.scope1Emissions, batch[at]?.scope2Emissions, batch[at]?.scope3Emissions];
        const known = scopes.filter((scope) => scope != null);
        expect(total === null, `seed ${seed}, ${scopes}`).toBe(known.length === 0);
        const sum = known.reduce((left, right) => left + right, 0);
        const difference = Math.abs((total ?? 0) - sum);
        expect(difference, `seed ${seed}, ${scopes}`).toBeLessThanOrEqual(Math.max(1e-6, 1e-14 * sum));
      });
    }
  });

  it.each([{ scope3Categories: null }, { scope3Categories: [] }])('forget scope 3 after %j', async (patch) => {
    const client = api.as(tenant());
    const scope3Categories = [{ category: 'WASTE' as const, emissions: 1 }];
    const item = { name: 'Example', country: 'DE', externalId: 'waste', scope3Categories };
    const { upsertCompanies } = await client.ask(UpsertAll, { items: [item] });
    expect(upsertCompanies.results[0]?.company?.carbonReadinessScore).toBe(0.15);
    const { patchCompany } = await client.ask(Clear, { by: { externalId: 'waste' }, patch });
    expect(patchCompany).toEqual({ company: { scope3Categories: [], carbonReadinessScore: 0 }, userErrors: [] });
  });
});
