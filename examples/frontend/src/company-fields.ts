/** The fields of the form. Their rules are the gateway's; this says only how they look. */
import { countryName } from './countries.ts';
import type { Certification } from './gql/graphql.ts';

export type Field = {
  group: 'Company' | 'Emissions' | 'Targets' | 'Certifications';
  label: string;
  kind: 'text' | 'country' | 'whole number' | 'number' | 'certifications';
  unit?: string;
};

export const FIELDS = {
  name: { group: 'Company', label: 'Name', kind: 'text' },
  country: { group: 'Company', label: 'Country', kind: 'country' },
  employeeCount: { group: 'Company', label: 'Employees', kind: 'whole number' },
  website: { group: 'Company', label: 'Website', kind: 'text' },
  contactEmail: { group: 'Company', label: 'E-mail', kind: 'text' },
  scope1Emissions: { group: 'Emissions', label: 'Scope 1', kind: 'number', unit: 't CO₂e a year' },
  scope2Emissions: { group: 'Emissions', label: 'Scope 2', kind: 'number', unit: 't CO₂e a year' },
  scope3Emissions: { group: 'Emissions', label: 'Scope 3', kind: 'number', unit: 't CO₂e a year' },
  reductionTargetPercent: { group: 'Targets', label: 'Reduction', kind: 'number', unit: '%' },
  reductionTargetYear: { group: 'Targets', label: 'Reduction year', kind: 'whole number' },
  netZeroTargetYear: { group: 'Targets', label: 'Net-zero year', kind: 'whole number' },
  certifications: { group: 'Certifications', label: 'Certifications', kind: 'certifications' },
} satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];
export const GROUPS = ['Company', 'Emissions', 'Targets', 'Certifications'] as const;

export const CERTIFICATIONS: Record<Certification, string> = {
  ISO_14001: 'ISO 14001',
  SBTI_COMMITTED: 'SBTi committed',
  SBTI_VALIDATED: 'SBTi validated',
  CDP_DISCLOSURE: 'CDP disclosure',
  B_CORP: 'B Corp',
  EMAS: 'EMAS',
  EU_ECOLABEL: 'EU Ecolabel',
};

export type Value = string | number | readonly Certification[] | null | undefined;

/** A value as a person reads it. */
export function show(name: FieldName, value: Value): string {
  if (value == null || value === '') return 'empty';
  if (Array.isArray(value))
    return value.map((certification: Certification) => CERTIFICATIONS[certification]).join(', ') || 'none';
  if (name === 'country') return countryName(String(value));
  return String(value);
}
