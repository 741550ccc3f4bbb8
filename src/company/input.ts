/** What a client may write of a company: every field with its rule, and what is odd but accepted. */
import { z } from 'zod';
import { flag, list, optional, required, type Values } from '../write/fields.ts';
import {
  decimal,
  distinct,
  emailAddress,
  entries,
  KEY_LENGTH,
  oneOf,
  shortText,
  text,
  webAddress,
  wholeNumber,
} from '../write/rules.ts';
import type { Warning } from '../write/written.ts';
import { canonicalNaceCode, naceDivisions, naceHint } from './nace.ts';

export const CERTIFICATIONS = {
  ISO_14001: 'ISO 14001, environmental management system.',
  SBTI_COMMITTED: 'Committed to the Science Based Targets initiative.',
  SBTI_VALIDATED: 'Target validated by the Science Based Targets initiative.',
  CDP_DISCLOSURE: 'Discloses through CDP.',
  B_CORP: 'Certified B Corporation.',
  EMAS: 'EU Eco-Management and Audit Scheme.',
  EU_ECOLABEL: 'Holds the EU Ecolabel.',
} as const;

/** GHG Protocol, Corporate Value Chain Standard: the 15 categories of scope 3, in its order. */
export const SCOPE_3_CATEGORIES = {
  PURCHASED_GOODS: 'Category 1: purchased goods and services.',
  CAPITAL_GOODS: 'Category 2: capital goods.',
  FUEL_ENERGY_ACTIVITIES: 'Category 3: fuel- and energy-related activities outside scopes 1 and 2.',
  UPSTREAM_TRANSPORT: 'Category 4: upstream transportation and distribution.',
  WASTE: 'Category 5: waste generated in operations.',
  BUSINESS_TRAVEL: 'Category 6: business travel.',
  EMPLOYEE_COMMUTING: 'Category 7: employee commuting.',
  UPSTREAM_LEASED_ASSETS: 'Category 8: upstream leased assets.',
  DOWNSTREAM_TRANSPORT: 'Category 9: downstream transportation and distribution.',
  PROCESSING_OF_SOLD_PRODUCTS: 'Category 10: processing of sold products.',
  USE_OF_SOLD_PRODUCTS: 'Category 11: use of sold products.',
  END_OF_LIFE_TREATMENT: 'Category 12: end-of-life treatment of sold products.',
  DOWNSTREAM_LEASED_ASSETS: 'Category 13: downstream leased assets.',
  FRANCHISES: 'Category 14: franchises.',
  INVESTMENTS: 'Category 15: investments.',
} as const;

export type Certification = keyof typeof CERTIFICATIONS;
export type Scope3Category = keyof typeof SCOPE_3_CATEGORIES;

/** An amount of an activity, the unit in its name: `{ activity: 'natural_gas_kwh', amount: 50000 }`. */
export type ActivityAmount = { activity: string; amount: number };
/** tCO₂e a year of one category. */
export type Scope3Amount = { category: Scope3Category; emissions: number };

const naceCode = text.transform((code, context) => {
  const canonical = canonicalNaceCode(code);
  if (canonical === undefined) {
    const validValues = naceDivisions(code);
    const params = validValues.length > 0 ? { validValues } : {};
    context.addIssue({ code: 'custom', message: naceHint(code), params });
  }
  return canonical ?? z.NEVER;
});
const sicCode = z.string().regex(/^\d{4,5}$/, 'Use a SIC code of 4 digits (US) or 5 digits (UK).');
const activityAmounts = entries(
  z.object({
    activity: shortText(100).regex(
      /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/,
      'Name the activity in lower snake case with its unit, such as natural_gas_kwh.',
    ),
    amount: decimal(0),
  }),
  'activity',
  50,
);
const scope3Amounts = entries(z.object({ category: oneOf(SCOPE_3_CATEGORIES), emissions: decimal(0) }), 'category', 50);
const targetYear = wholeNumber(2020, 2100);

export const companyFields = {
  externalId: optional(
    'String',
    shortText(KEY_LENGTH),
    'Key in a system of yours, unique among your companies. 1–500 characters.',
  ),
  name: required('String', shortText(500), 'Name of the company, 1–500 characters.'),
  description: optional('String', text, 'What the company does.'),
  country: required('CountryCode', z.string(), 'Country of the registered seat.'),
  naceCodes: list(
    'String',
    z.array(naceCode).transform(distinct),
    'Economic activities by NACE Rev. 2 or Rev. 2.1, in canonical form: `M`, `M71`, `D35.1`, `D35.11`. Dots and case are optional in input; repetitions are dropped.',
  ),
  sicCodes: list(
    'String',
    z.array(sicCode).transform(distinct),
    'Economic activities by SIC: 4 digits (US) or 5 digits (UK).',
  ),
  legalForm: optional('String', text, 'Legal form, such as GmbH or Ltd.'),
  employeeCount: optional('Int', wholeNumber(0), 'Number of employees, 0 or more; `null` when unknown.'),
  annualRevenue: optional('Float', decimal(0), 'Revenue, EUR a year, 0 or more; `null` when unknown.'),
  foundingYear: optional('Int', wholeNumber(1800, 2100), 'Year of foundation, 1800–2100.'),
  region: optional('String', text, 'State, province or region.'),
  city: optional('String', text, 'City of the registered seat.'),
  postalCode: optional('String', text, 'Postal code, in any format.'),
  website: optional('String', webAddress, 'An http or https URL, kept as it was given.'),
  contactEmail: optional('String', emailAddress, 'E-mail address for questions about the profile.', 'EmailAddress'),
  registrationNumber: optional(
    'String',
    shortText(KEY_LENGTH),
    'Number in the trade register; unique among your companies of one country. 1–500 characters.',
  ),
  isActive: required('Boolean', z.boolean(), 'Whether the company is in business; `true` at creation.', {
    initial: true,
    later: true,
  }),
  scope1Emissions: optional('Float', decimal(0), 'Direct emissions, tCO₂e a year, 0 or more; `null` when unknown.'),
  scope2Emissions: optional(
    'Float',
    decimal(0),
    'Emissions of bought energy, tCO₂e a year, 0 or more; `null` when unknown.',
  ),
  scope3Emissions: optional(
    'Float',
    decimal(0),
    'Value-chain emissions, tCO₂e a year, 0 or more; `null` when unknown.',
  ),
  scope1Sources: list<ActivityAmount>(
    'ActivityAmountInput',
    activityAmounts,
    'What scope 1 is made of; at most 50 entries, each activity once.',
    'ActivityAmount',
  ),
  scope2Sources: list<ActivityAmount>(
    'ActivityAmountInput',
    activityAmounts,
    'What scope 2 is made of; at most 50 entries, each activity once.',
    'ActivityAmount',
  ),
  scope3Categories: list<Scope3Amount>(
    'Scope3AmountInput',
    scope3Amounts,
    'Scope 3 by category of the GHG Protocol, each once.',
    'Scope3Amount',
  ),
  reductionTargetPercent: optional('Float', decimal(0, 100), 'Reduction aimed at, percent, 0–100.'),
  reductionTargetYear: optional('Int', targetYear, 'Year by which the reduction is to be reached, 2020–2100.'),
  netZeroTargetYear: optional('Int', targetYear, 'Year by which net-zero emissions are to be reached, 2020–2100.'),
  certifications: list<Certification>(
    'Certification',
    z.array(oneOf(CERTIFICATIONS)).transform(distinct),
    'Recognised certifications, in the order given; repetitions are dropped.',
  ),
  carbonProfileCompleted: flag(z.boolean(), 'Stated by the company, never derived and never scored.'),
  hasCarbonBaseline: flag(z.boolean(), 'Stated by the company, never derived and never scored.'),
};

export type CompanyValues = Values<typeof companyFields>;

/** What is odd about a company as it would be stored. `path` leads to the input's fields. */
export function companyWarnings(company: CompanyValues, path: readonly string[], today = new Date()): Warning[] {
  const warnings: Warning[] = [];
  const warn = (field: keyof CompanyValues, message: string) => warnings.push({ path: [...path, field], message });
  const { scope3Emissions, scope3Categories, reductionTargetYear, netZeroTargetYear, foundingYear } = company;
  const sum = scope3Categories.reduce((total, { emissions }) => total + emissions, 0);
  if (scope3Emissions !== null && scope3Categories.length > 0 && !nearlyEqual(sum, scope3Emissions)) {
    warn(
      'scope3Categories',
      `The categories add up to ${Number(sum.toPrecision(15))} tCO₂e, while scope3Emissions says ${scope3Emissions}.`,
    );
  }
  if (netZeroTargetYear !== null && reductionTargetYear !== null && netZeroTargetYear < reductionTargetYear) {
    warn(
      'netZeroTargetYear',
      `Net zero in ${netZeroTargetYear} comes before the reduction target of ${reductionTargetYear}.`,
    );
  }
  if (foundingYear !== null && foundingYear > today.getUTCFullYear()) {
    warn('foundingYear', `The founding year ${foundingYear} is still ahead.`);
  }
  return warnings;
}

/** Equal to a gram, or to 12 digits, so that sums in floating point do not count as different. */
function nearlyEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(1e-6, 1e-12 * Math.abs(b));
}
