import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { greenTech, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';

const Create = graphql(`
  mutation ExampleCreate($input: CreateCompanyInput!) {
    createCompany(input: $input) {
      company {
        companyId
        totalEmissions
        carbonReadinessScore
        carbonReadiness { score criteria { criterion weight earned missing nextStep } }
        emissionsPerEmployee
        emissionsPerMillionEur
        certifications
        naceCodes
        isActive
        version
        updatedAt
      }
      warnings { message }
      userErrors { message path }
    }
  }
`);

const Patch = graphql(`
  mutation ExamplePatch($by: CompanyKey!, $patch: CompanyPatch!) {
    patchCompany(by: $by, patch: $patch) {
      company {
        totalEmissions
        carbonReadinessScore
        emissionsPerEmployee
        emissionsPerMillionEur
        updatedAt
        version
      }
      changedFields
      userErrors { message path }
    }
  }
`);

const ByCountry = graphql(`
  query ExampleByCountry($country: CountryCode!) {
    companies(filter: { country: { eq: $country }, isActive: true }) { totalCount nodes { name } }
  }
`);

describe("the Companies API's own example", () => {
  const api = useApi();

  it('is created, patched and found', async () => {
    const client = api.as(tenant());
    const { createCompany } = await client.ask(Create, { input: greenTech });
    expect(createCompany.userErrors).toEqual([]);
    expect(createCompany.warnings).toEqual([]);
    const { company } = createCompany;
    expect(company).toMatchObject({
      totalEmissions: 205.8,
      carbonReadinessScore: 0.6,
      certifications: ['ISO_14001', 'SBTI_COMMITTED'],
      naceCodes: ['M71', 'D35'],
      isActive: true,
      version: 1,
      updatedAt: null,
    });
    expect(company?.emissionsPerEmployee).toBeCloseTo(4.5733, 4);
    expect(company?.emissionsPerMillionEur).toBeCloseTo(39.5769, 4);
    expect(company?.carbonReadiness.score).toBe(0.6);
    expect(
      company?.carbonReadiness.criteria.map(({ criterion, weight, earned }) => [criterion, weight, earned]),
    ).toEqual([
      ['BASELINE', 0.3, 0.3],
      ['SCOPE_3', 0.15, 0],
      ['REDUCTION_TARGET', 0.2, 0.2],
      ['NET_ZERO_TARGET', 0.15, 0],
      ['CERTIFICATIONS', 0.2, 0.1],
    ]);

    const { patchCompany } = await client.ask(Patch, {
      by: { id: company?.companyId ?? '' },
      patch: {
        employeeCount: 52,
        scope1Emissions: 110.2,
        scope2Emissions: 78.6,
        carbonProfileCompleted: true,
        hasCarbonBaseline: true,
      },
    });
    expect(patchCompany.userErrors).toEqual([]);
    expect(patchCompany.company).toMatchObject({ totalEmissions: 188.8, carbonReadinessScore: 0.6, version: 2 });
    expect(patchCompany.company?.updatedAt).not.toBeNull();
    expect(patchCompany.company?.emissionsPerEmployee).toBeCloseTo(3.6308, 4);
    expect(patchCompany.company?.emissionsPerMillionEur).toBeCloseTo(36.3077, 4);
    expect(new Set(patchCompany.changedFields)).toEqual(
      new Set(['employeeCount', 'scope1Emissions', 'scope2Emissions', 'carbonProfileCompleted', 'hasCarbonBaseline']),
    );

    for (const country of ['DE', 'DEU', 'de']) {
      const { companies } = await client.ask(ByCountry, { country });
      expect(companies).toEqual({ totalCount: 1, nodes: [{ name: greenTech.name }] });
    }
    expect((await client.ask(ByCountry, { country: 'SE' })).companies.totalCount).toBe(0);
    expect((await api.as(tenant()).ask(ByCountry, { country: 'DE' })).companies.totalCount).toBe(0);
  });
});
