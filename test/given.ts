/** Records to start from, with defaults that a test overrides where it matters. */
import { randomUUID } from 'node:crypto';
import type { Client } from './api.ts';
import { graphql } from './gql/gql.ts';
import type { CreateCompanyInput } from './gql/graphql.ts';

/** A tenant that no other test knows. */
export function tenant(): string {
  return randomUUID();
}

const CreateCompany = graphql(`
  mutation GivenCompany($input: CreateCompanyInput!) {
    createCompany(input: $input) {
      company { id companyId version }
      userErrors { message path }
    }
  }
`);

export async function company(client: Client, input: Partial<CreateCompanyInput> = {}) {
  const { createCompany } = await client.ask(CreateCompany, { input: { name: 'Example', country: 'DE', ...input } });
  if (!createCompany.company) throw new Error(`Not created: ${JSON.stringify(createCompany.userErrors)}`);
  return createCompany.company;
}

/** The body that the Companies API documents. */
export const greenTech = {
  name: 'GreenTech Solutions GmbH',
  description: 'Renewable energy consulting firm',
  country: 'DE',
  naceCodes: ['M71', 'D35'],
  employeeCount: 45,
  annualRevenue: 5_200_000,
  foundingYear: 2018,
  region: 'Bavaria',
  city: 'Munich',
  website: 'https://greentech-solutions.de',
  contactEmail: 'info@greentech-solutions.de',
  scope1Emissions: 120.5,
  scope2Emissions: 85.3,
  reductionTargetPercent: 50,
  reductionTargetYear: 2030,
  certifications: ['ISO_14001', 'SBTI_COMMITTED'],
} satisfies CreateCompanyInput;
