/** Companies in the schema. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import { builder, type Context } from '../builder.ts';
import { InvalidInputError, Refusal } from '../errors.ts';
import { asEntity } from '../federation/records.ts';
import { tenantField } from '../federation/stubs.ts';
import type { Path, Where } from '../list/filter.ts';
import { defineFilter, filterBy } from '../list/filter-types.ts';
import { defineList, defineNumberedPages, type ListDefinition } from '../list/list-types.ts';
import { joinNodes, Node } from '../node.ts';
import { describedEnum, idFields, inputFor, outputFields, stampFields } from '../schema-fields.ts';
import { defineWrites } from '../writes.ts';
import { type ActivityAmount, CERTIFICATIONS, companyFields, SCOPE_3_CATEGORIES, type Scope3Amount } from './input.ts';
import { type CompanyKeyInput, companyKey } from './keys.ts';
import { canonicalNaceCode, naceHint } from './nace.ts';
import { companies } from './operations.ts';
import { type CarbonProfile, readiness } from './readiness.ts';
import { CarbonReadiness } from './readiness-types.ts';

const Certification = describedEnum(
  'Certification',
  'The certifications that count towards carbon readiness.',
  CERTIFICATIONS,
);
const Scope3Category = describedEnum(
  'Scope3Category',
  'Categories of scope 3 by the GHG Protocol.',
  SCOPE_3_CATEGORIES,
);

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
  ...asEntity({ type: 'Company', idField: 'companyId', ownKey: 'externalId', read: readCompanies }),
  select: { tenantId: true, id: true },
  fields: (t) => ({
    ...idFields(t, 'Company', 'companyId'),
    ...tenantField(t),
    tenantId: t.expose('tenantId', { type: 'UUID', description: 'The tenant that the company belongs to: yours.' }),
    ...outputFields(t, companyFields),
    totalEmissions: t.exposeFloat('totalEmissions', {
      nullable: true,
      description: 'Sum of the known scopes, tCO₂e a year, rounded to six decimals; `null` when none is known.',
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
    ...outputFields(t, stampFields),
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
      shared: true,
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

const companyListTypes = defineList(companyList, 'The companies of your tenant.');
defineNumberedPages(
  companyList,
  companyListTypes,
  'companyPage',
  'The companies of your tenant in numbered pages, for tables.',
);

// ── writes ──

const idField = {
  name: 'companyId',
  description:
    'A UUID of your own for a new company. It makes a retried `createCompany` safe: the second call answers with a ConflictError.',
};

defineWrites({
  names: { type: 'Company', plural: 'Companies', field: 'company', noun: 'company' },
  record: Company,
  operations: companies,
  by: { input: CompanyKey, parse: companyKey },
  create: {
    verb: 'create',
    input: inputFor('create', 'CreateCompanyInput', companyFields, { idField }),
    description: 'Creates a company. A key that is taken already is a ConflictError.',
  },
  upsert: inputFor('upsert', 'UpsertCompanyInput', companyFields, {
    idField,
    description:
      'Creates, or patches the company that `companyId`, `externalId` or country with registration number names, tried in this order.',
  }),
  patch: inputFor('patch', 'CompanyPatch', companyFields),
  delete: {
    description:
      'Deletes what this service stores about a company. Its customers and contracts lose the link and stay.',
  },
});
