/** Editing one company: what has been typed, saving it, and what the gateway says to it. */
import { useState } from 'react';
import { useClient, useMutation } from 'urql';
import { FIELD_NAMES, type FieldName } from './company-fields.ts';
import { graphql } from './gql/gql.ts';
import type { CompanyPatch, CompanyToEditQuery } from './gql/graphql.ts';

export const CompanyToEdit = graphql(`
  query CompanyToEdit($id: ID!) {
    company(by: { id: $id }) {
      id
      version
      name
      country
      employeeCount
      website
      contactEmail
      scope1Emissions
      scope2Emissions
      scope3Emissions
      reductionTargetPercent
      reductionTargetYear
      netZeroTargetYear
      certifications
      carbonReadiness { criteria { criterion weight earned missing nextStep } }
    }
  }
`);

const PatchCompany = graphql(`
  mutation EditCompany($id: ID!, $patch: CompanyPatch!, $ifVersion: Int!) {
    patchCompany(by: { id: $id }, patch: $patch, ifVersion: $ifVersion) {
      company { id version }
      userErrors { __typename message path }
      warnings { message path }
    }
  }
`);

export type Company = NonNullable<CompanyToEditQuery['company']>;
/** The fields that were edited and no others: exactly what `patchCompany` takes. */
export type Edits = Pick<CompanyPatch, FieldName>;
type Message = { message: string; path: readonly string[] };
type Answer = {
  problems: readonly Message[];
  warnings: readonly Message[];
  /** After a lost race: the company as it was when the edits began. */
  before?: Company;
  saved?: boolean;
};

const NO_ANSWER: Answer = { problems: [], warnings: [] };

export function useCompanyEdit(read: Company) {
  const client = useClient();
  const [{ fetching: saving }, patchCompany] = useMutation(PatchCompany);
  // What the edits are based on; a later read in the background must not slip a new version under them.
  const [company, setCompany] = useState(read);
  const [edits, setEdits] = useState<Edits>({});
  const [answer, setAnswer] = useState(NO_ANSWER);

  const readAgain = async () => {
    const request = { requestPolicy: 'network-only' } as const;
    const { data } = await client.query(CompanyToEdit, { id: company.id }, request).toPromise();
    if (data?.company) setCompany(data.company);
  };
  const save = async () => {
    const { data, error } = await patchCompany({ id: company.id, patch: edits, ifVersion: company.version });
    if (!data) {
      const message = error?.graphQLErrors[0]?.message ?? 'The gateway does not answer; your edits are still here.';
      return setAnswer({ ...NO_ANSWER, problems: [{ message, path: [] }] });
    }
    const { userErrors, warnings } = data.patchCompany;
    const lostRace = userErrors.some((problem) => problem.__typename === 'StaleVersionError');
    if (lostRace || userErrors.length === 0) await readAgain();
    if (lostRace) return setAnswer({ ...NO_ANSWER, before: company });
    setAnswer({ problems: userErrors, warnings, saved: userErrors.length === 0 });
    if (userErrors.length === 0) setEdits({});
  };
  const edit = (change: Edits) => {
    setEdits(withoutEqual({ ...edits, ...change }, company));
    if (answer.saved) setAnswer(NO_ANSWER);
  };
  return { company, edits, answer, saving, save, edit };
}

/** An edit that says what the company says is none. */
function withoutEqual(edits: Edits, company: Company): Edits {
  return Object.fromEntries(Object.entries(edits).filter(([name, value]) => !equal(value, company[name as FieldName])));
}

/** The fields that someone else has changed. */
export function changedFields(before: Company, after: Company): FieldName[] {
  return FIELD_NAMES.filter((name) => !equal(before[name], after[name]));
}

const equal = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** The messages about one field of the form. */
export function about(messages: readonly Message[], name: FieldName): string[] {
  return messages.filter(({ path }) => path[0] === 'patch' && path[1] === name).map(({ message }) => message);
}

/** The messages about no field of the form. */
export function aboutTheRest(messages: readonly Message[]): string[] {
  const names: readonly (string | undefined)[] = FIELD_NAMES;
  return messages.filter(({ path }) => path[0] !== 'patch' || !names.includes(path[1])).map(({ message }) => message);
}
