/** Records to start from, with defaults that a test overrides where it matters. */
import { randomUUID } from 'node:crypto';
import type { Client } from './api.ts';
import { graphql } from './gql/gql.ts';
import type { CreateCompanyInput, RegisterEnergyContractInput, UpsertCo2CustomerInput } from './gql/graphql.ts';

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

const UpsertCo2Customer = graphql(`
  mutation GivenCo2Customer($input: UpsertCo2CustomerInput!) {
    upsertCo2Customer(input: $input) {
      co2Customer { id customerId version }
      outcome
      userErrors { message path }
    }
  }
`);

/** A new customer; its e-mail address is no one else's unless the input says so. */
export async function co2Customer(client: Client, input: UpsertCo2CustomerInput = {}) {
  const email = `${randomUUID()}@example.com`;
  const { upsertCo2Customer } = await client.ask(UpsertCo2Customer, { input: { email, ...input } });
  if (upsertCo2Customer.outcome !== 'CREATED' || !upsertCo2Customer.co2Customer)
    throw new Error(`Not created: ${JSON.stringify(upsertCo2Customer)}`);
  return upsertCo2Customer.co2Customer;
}

const RegisterEnergyContract = graphql(`
  mutation GivenEnergyContract($input: RegisterEnergyContractInput!) {
    registerEnergyContract(input: $input) {
      energyContract { id contractId userId version }
      userErrors { message path }
    }
  }
`);

/** A contract of a user that no other contract has. */
export async function energyContract(client: Client, input: Partial<RegisterEnergyContractInput> = {}) {
  const { registerEnergyContract } = await client.ask(RegisterEnergyContract, {
    input: { userId: randomUUID(), ...input },
  });
  const { energyContract: registered, userErrors } = registerEnergyContract;
  if (!registered) throw new Error(`Not registered: ${JSON.stringify(userErrors)}`);
  return registered;
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
