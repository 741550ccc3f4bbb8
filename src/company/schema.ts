/** Companies in the schema. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import { builder, type Context } from '../builder.ts';
import { InvalidInputError, orRefused, Refusal } from '../errors.ts';
import { toGlobalId } from '../global-id.ts';
import type { Path, Where } from '../list/filter.ts';
import { defineFilter, filterBy } from '../list/filter-types.ts';
import { defineList, defineNumberedPages, type ListDefinition } from '../list/list-types.ts';
import { joinNodes, Node } from '../node.ts';
import { definePayloads } from '../payloads.ts';
import { inputFor, outputFields } from '../schema-fields.ts';
import { type ActivityAmount, CERTIFICATIONS, companyFields, SCOPE_3_CATEGORIES, type Scope3Amount } from './input.ts';
import { type CompanyKeyInput, companyKey } from './keys.ts';
import { canonicalNaceCode, naceHint } from './nace.ts';
import { createCompany, deleteCompany, patchCompany, upsertCompanies, upsertCompany } from './operations.ts';
import { type CarbonProfile, type Criterion, type Readiness, readiness } from './readiness.ts';

const described = <Name extends string>(names: Record<Name, string>) =>
  Object.fromEntries(Object.entries(names).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;

const Certification = builder.enumType('Certification', {
  description: 'The certifications that count towards carbon readiness.',
  values: described(CERTIFICATIONS),
});

const Scope3Category = builder.enumType('Scope3Category', {
  description: 'Categories of scope 3 by the GHG Protocol.',
  values: described(SCOPE_3_CATEGORIES),
});

builder.objectRef<ActivityAmount>('ActivityAmount').implement({
  description: 'An amount of an activity, the unit in its name: `natural_gas_kwh`, `diesel_liters`.',
  fields: (t) => ({
    activity: t.exposeString('activity', { description: 'Activity and unit in lower snake case.' }),
    amount: t.exposeFloat('amount', { description: 'Amount a year, in the unit that the activity names.' }),
  }),
});

builder.inputType('ActivityAmountInput', {
  description: 'An amount of an activity, the unit in its name.',
  fields: (t) => ({
    activity: t.string({ required: true, description: 'Activity and unit in lower snake case: `natural_gas_kwh`.' }),
    amount: t.float({ required: true, description: 'Amount a year, 0 or more, in the unit that the activity names.' }),
  }),
});

builder.objectRef<Scope3Amount>('Scope3Amount').implement({
  description: 'Emissions of one category of scope 3.',
  fields: (t) => ({
    category: t.expose('category', { type: Scope3Category, description: 'The category.' }),
    emissions: t.exposeFloat('emissions', { description: 'tCO₂e a year.' }),
  }),
});

builder.inputType('Scope3AmountInput', {
  description: 'Emissions of one category of scope 3.',
  fields: (t) => ({
    category: t.field({ type: Scope3Category, required: true, description: 'The category.' }),
    emissions: t.float({ required: true, description: 'tCO₂e a year, 0 or more.' }),
  }),
});

const ReadinessCriterion = builder.objectRef<Criterion>('ReadinessCriterion').implement({
  description: 'One criterion of the readiness score.',
  fields: (t) => ({
    criterion: t.field({
      type: builder.enumType('ReadinessCriterionName', {
        description: 'What is judged.',
        values: {
          BASELINE: { description: 'Both scope 1 and scope 2 are known: 0.30, or nothing when one is missing.' },
          SCOPE_3: { description: 'Scope 3 is known, as a total or in at least one category: 0.15.' },
          REDUCTION_TARGET: { description: 'A reduction target above 0 % has a year: 0.20.' },
          NET_ZERO_TARGET: { description: 'There is a year of net-zero emissions: 0.15.' },
          CERTIFICATIONS: { description: 'Each recognised certification earns 0.05, up to 0.20.' },
        } as const,
      }),
      description: 'What is judged.',
      resolve: ({ criterion }) => criterion,
    }),
    weight: t.float({
      description: 'The most that can be earned; the weights of all criteria add up to 1.',
      resolve: ({ weight }) => weight / 100,
    }),
    earned: t.float({
      description: 'What the profile earns; the score is the sum.',
      resolve: ({ earned }) => earned / 100,
    }),
    missing: t.stringList({
      description: 'The fields of `Company` to fill in to earn the rest; empty when all is earned.',
      resolve: ({ missing }) => [...missing],
    }),
    nextStep: t.exposeString('nextStep', {
      nullable: true,
      description: 'What a person can do next; `null` when all is earned.',
    }),
  }),
});

const CarbonReadiness = builder.objectRef<Readiness>('CarbonReadiness').implement({
  description: 'How complete the carbon profile is, and why.',
  fields: (t) => ({
    score: t.float({ description: '0–1, the sum of what the criteria earn.', resolve: ({ points }) => points / 100 }),
    criteria: t.field({
      type: [ReadinessCriterion],
      description: 'Always all five, in this order.',
      resolve: ({ criteria }) => [...criteria],
    }),
  }),
});

/** The columns that readiness is computed from; typed from the function, so that the two cannot drift. */
const profileColumns = {
  scope1Emissions: true,
  scope2Emissions: true,
  scope3Emissions: true,
  scope3Categories: true,
  reductionTargetPercent: true,
  reductionTargetYear: true,
  netZeroTargetYear: true,
  certifications: true,
} as const satisfies Record<keyof CarbonProfile, true>;

const Company = builder.prismaObject('Company', {
  description: 'A small or medium enterprise of the tenant, with its carbon profile.',
  interfaces: [Node],
  select: { tenantId: true, id: true },
  fields: (t) => ({
    id: t.id({ description: 'Global ID.', resolve: ({ id }) => toGlobalId('Company', id) }),
    companyId: t.expose('id', { type: 'UUID', description: 'The bare UUID.' }),
    tenantId: t.expose('tenantId', { type: 'UUID', description: 'The tenant that the company belongs to: yours.' }),
    ...outputFields(t, companyFields),
    totalEmissions: t.exposeFloat('totalEmissions', {
      nullable: true,
      description: 'Sum of the known scopes, tCO₂e a year, rounded to a gram; `null` when none is known.',
    }),
    carbonReadinessScore: t.float({
      description: '0–1, computed from the profile. `carbonReadiness` explains it.',
      select: profileColumns,
      resolve: (company) => readiness(company as CarbonProfile).points / 100,
    }),
    carbonReadiness: t.field({
      type: CarbonReadiness,
      description: 'The score with what it is made of and what is missing.',
      select: profileColumns,
      resolve: (company) => readiness(company as CarbonProfile),
    }),
    emissionsPerEmployee: t.float({
      nullable: true,
      description: 'tCO₂e a year per employee; `null` without employees or emissions.',
      select: { totalEmissions: true, employeeCount: true },
      resolve: ({ totalEmissions, employeeCount }) => ratio(totalEmissions, employeeCount),
    }),
    emissionsPerMillionEur: t.float({
      nullable: true,
      description: 'tCO₂e a year per million EUR of revenue; `null` without revenue or emissions.',
      select: { totalEmissions: true, annualRevenue: true },
      resolve: ({ totalEmissions, annualRevenue }) => ratio(totalEmissions, annualRevenue, 1e6),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the company was created here.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last changed; `null` until the first change.',
    }),
    version: t.exposeInt('version', {
      description: 'Grows by one with every change; pass it back as `ifVersion` to refuse a lost update.',
    }),
  }),
});

/** `amount` for each `unit` of a whole; `null` when one is unknown, or the quotient is no number. */
function ratio(amount: number | null, whole: number | null, unit = 1): number | null {
  if (amount === null || whole === null || whole === 0) return null;
  const quotient = amount / (whole / unit);
  return Number.isFinite(quotient) ? quotient : null;
}

joinNodes('Company', (ids, context, info) =>
  readCompanies(context, { id: { in: ids } }, queryFromInfo({ context, info, typeName: 'Company' })),
);

/** The one read of several companies: `query` has Prisma's select, order and limits, `where` all but the tenant. */
function readCompanies({ db, viewer }: Context, where: Where, query: object): Promise<{ id: string }[]> {
  return db.company.findMany({ ...query, where: { ...where, tenantId: viewer.tenantId } });
}

// ── reads ──

const CompanyKey = builder.inputRef<CompanyKeyInput>('CompanyKey').implement({
  description: 'Exactly one key that names a company.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global ID or bare UUID.' }),
    externalId: t.string({ description: 'The key in a system of yours.' }),
    registration: t.field({
      description: 'Country and number in its trade register.',
      type: builder.inputType('CompanyRegistrationKey', {
        description: 'Country and number in its trade register.',
        fields: (t) => ({
          country: t.field({ type: 'CountryCode', required: true, description: 'Country of the register.' }),
          registrationNumber: t.string({ required: true, description: 'Number in the register.' }),
        }),
      }),
    }),
  }),
});

builder.queryField('company', (t) =>
  t.prismaField({
    type: Company,
    nullable: true,
    description: 'The company with this key; `null` when there is none.',
    args: { by: t.arg({ type: CompanyKey, required: true, description: 'Which company.' }) },
    resolve: (query, _, { by }, { db, viewer }) =>
      db.company.findFirst({ ...query, where: { ...companyKey(by).where, tenantId: viewer.tenantId } }),
  }),
);

/** Companies with at least one of these codes, or a code below one of them. */
function naceCondition(codes: readonly string[], path: Path): Where {
  const canonical = codes.map((code, position) => {
    const form = canonicalNaceCode(code);
    if (form === undefined) throw new Refusal([new InvalidInputError([...path, String(position)], naceHint(code))]);
    return form;
  });
  return { naceAncestry: { hasSome: canonical } };
}

const companyList: ListDefinition<{ id: string }> = {
  name: 'companies',
  type: Company,
  typeName: 'Company',
  filter: defineFilter('CompanyFilter', 'Which companies.', {
    id: filterBy.id('id', 'Company', 'By ID.'),
    externalId: filterBy.optionalText('externalId', 'By the key in a system of yours.'),
    name: filterBy.text('name', 'By name.'),
    country: filterBy.country('country', 'By country.'),
    region: filterBy.optionalText('region', 'By region.'),
    city: filterBy.optionalText('city', 'By city.'),
    registrationNumber: filterBy.optionalText('registrationNumber', 'By number in the trade register.'),
    isActive: filterBy.flag('isActive', 'Whether the company is in business.'),
    naceCodesAny: {
      type: ['String'],
      description:
        'Has at least one of these NACE codes, or one below it: `M` matches the whole section, `M71` its groups and classes too.',
      condition: naceCondition,
    },
    certificationsAny: {
      type: [Certification],
      description: 'Has at least one of these certifications.',
      condition: (names: string[]) => ({ certifications: { hasSome: names } }),
    },
    certificationsAll: {
      type: [Certification],
      description: 'Has all of these certifications.',
      condition: (names: string[]) => ({ certifications: { hasEvery: names } }),
    },
    employeeCount: filterBy.optionalInt('employeeCount', 'By number of employees.'),
    foundingYear: filterBy.optionalInt('foundingYear', 'By year of foundation.'),
    annualRevenue: filterBy.optionalFloat('annualRevenue', 'By revenue, EUR a year.'),
    scope1Emissions: filterBy.optionalFloat('scope1Emissions', 'By direct emissions, tCO₂e a year.'),
    scope2Emissions: filterBy.optionalFloat('scope2Emissions', 'By emissions of bought energy, tCO₂e a year.'),
    scope3Emissions: filterBy.optionalFloat('scope3Emissions', 'By value-chain emissions, tCO₂e a year.'),
    totalEmissions: filterBy.optionalFloat('totalEmissions', 'By the sum of the known scopes, tCO₂e a year.'),
    carbonReadinessScore: filterBy.float('carbonReadinessScore', 'By readiness, 0–1.'),
    createdAt: filterBy.instant('createdAt', 'By creation.'),
    updatedAt: filterBy.optionalInstant('updatedAt', 'By last change.'),
  }),
  orders: {
    NAME: { column: 'name', kind: 'text', description: 'By name, in the order of its characters.' },
    COUNTRY: { column: 'country', kind: 'text', shared: true, description: 'By two-letter country code.' },
    EMPLOYEE_COUNT: {
      column: 'employeeCount',
      kind: 'integer',
      nullable: true,
      description: 'By number of employees.',
    },
    ANNUAL_REVENUE: { column: 'annualRevenue', kind: 'decimal', nullable: true, description: 'By revenue.' },
    TOTAL_EMISSIONS: {
      column: 'totalEmissions',
      kind: 'decimal',
      nullable: true,
      description: 'By the sum of the known scopes.',
    },
    CARBON_READINESS_SCORE: {
      column: 'carbonReadinessScore',
      kind: 'decimal',
      shared: true,
      description: 'By readiness.',
    },
    CREATED_AT: { column: 'createdAt', kind: 'instant', description: 'By creation.' },
    UPDATED_AT: { column: 'updatedAt', kind: 'instant', nullable: true, description: 'By last change.' },
  },
  defaultOrder: { field: 'CREATED_AT', direction: 'ASC' },
  read: readCompanies,
  count: ({ db, viewer }, where) => db.company.count({ where: { ...where, tenantId: viewer.tenantId } }),
};

const companyListArguments = defineList(companyList, 'The companies of your tenant.');
defineNumberedPages(
  companyList,
  companyListArguments,
  'companyPage',
  'The companies of your tenant in numbered pages, for tables.',
);

// ── writes ──

const idField = {
  name: 'companyId',
  description:
    'A UUID of your own for a new company. It makes a retried `createCompany` safe: the second call answers with a ConflictError.',
};
const CreateCompanyInput = inputFor('create', 'CreateCompanyInput', companyFields, { idField });
const UpsertCompanyInput = inputFor('upsert', 'UpsertCompanyInput', companyFields, {
  idField,
  description:
    'Creates, or patches the company that `companyId`, `externalId` or country with registration number names, tried in this order.',
});
const CompanyPatch = inputFor('patch', 'CompanyPatch', companyFields);
const payloads = definePayloads(Company, { type: 'Company', field: 'company', plural: 'Companies' });

const ifVersion = 'Refuse the write with STALE_VERSION unless the company is at this version.';
const MAX_ITEMS = 250;

builder.mutationFields((t) => ({
  createCompany: t.field({
    type: payloads.create,
    description: 'Creates a company. A key that is taken already is a ConflictError.',
    args: { input: t.arg({ type: CreateCompanyInput, required: true, description: 'The new company.' }) },
    resolve: (_, { input }, context) => orRefused(createCompany(context, input)),
  }),
  upsertCompany: t.field({
    type: payloads.upsert,
    description:
      'Creates a company or changes the one that a key of the input names. Safe to repeat, also in parallel.',
    args: { input: t.arg({ type: UpsertCompanyInput, required: true, description: 'The company.' }) },
    resolve: (_, { input }, context) => orRefused(upsertCompany(context, input)),
  }),
  patchCompany: t.field({
    type: payloads.patch,
    description: 'Changes the fields given of one company.',
    args: {
      by: t.arg({ type: CompanyKey, required: true, description: 'Which company.' }),
      patch: t.arg({ type: CompanyPatch, required: true, description: 'What to change.' }),
      ifVersion: t.arg.int({ description: ifVersion }),
    },
    resolve: (_, { by, patch, ifVersion }, context) => orRefused(patchCompany(context, by, patch, ifVersion)),
  }),
  deleteCompany: t.field({
    type: payloads.delete,
    description: 'Deletes what this service stores about a company.',
    args: {
      by: t.arg({ type: CompanyKey, required: true, description: 'Which company.' }),
      ifVersion: t.arg.int({ description: ifVersion }),
    },
    resolve: (_, { by, ifVersion }, context) => orRefused(deleteCompany(context, by, ifVersion)),
  }),
  upsertCompanies: t.field({
    type: payloads.upsertMany,
    description: 'Upserts one company after the other; each item stands alone.',
    args: {
      items: t.arg({ type: [UpsertCompanyInput], required: true, description: `At most ${MAX_ITEMS}.` }),
    },
    resolve(_, { items }, context) {
      if (items.length > MAX_ITEMS) {
        throw new Refusal([
          new InvalidInputError(['items'], `Send at most ${MAX_ITEMS} items at once, not ${items.length}.`),
        ]);
      }
      return upsertCompanies(context, items);
    },
  }),
}));
