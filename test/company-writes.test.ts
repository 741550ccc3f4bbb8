/** How a company is created, upserted, patched and deleted: what matches, what changes, what collides, also in parallel. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { query } from './database.ts';
import { company as givenCompany, greenTech, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type { CompanyKey, CompanyPatch, CreateCompanyInput, UpsertCompanyInput } from './gql/graphql.ts';

const Create = graphql(`
  mutation WritesCreate($input: CreateCompanyInput!) {
    createCompany(input: $input) {
      company { ...WrittenCompany }
      warnings { message path }
      userErrors { ...WriteProblem }
    }
  }
  fragment WrittenCompany on Company {
    id companyId externalId name country registrationNumber description city employeeCount annualRevenue naceCodes
    certifications isActive version createdAt updatedAt
  }
  fragment WriteProblem on UserError {
    __typename
    code
    message
    path
    ... on ConflictError { existing { __typename id ... on Company { companyId name version } } existingKeys }
    ... on StaleVersionError { currentVersion }
  }
`);

const Upsert = graphql(`
  mutation WritesUpsert($input: UpsertCompanyInput!) {
    upsertCompany(input: $input) {
      company { ...WrittenCompany }
      outcome
      matchedBy
      changedFields
      warnings { message path }
      userErrors { ...WriteProblem }
    }
  }
`);

const UpsertAll = graphql(`
  mutation WritesUpsertAll($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) {
      succeeded
      failed
      results {
        company { companyId externalId name version }
        outcome
        matchedBy
        changedFields
        warnings { path }
        userErrors { ...WriteProblem }
      }
    }
  }
`);

const Patch = graphql(`
  mutation WritesPatch($by: CompanyKey!, $patch: CompanyPatch!, $ifVersion: Int) {
    patchCompany(by: $by, patch: $patch, ifVersion: $ifVersion) {
      company { ...WrittenCompany }
      changedFields
      warnings { message path }
      userErrors { ...WriteProblem }
    }
  }
`);

const Delete = graphql(`
  mutation WritesDelete($by: CompanyKey!, $ifVersion: Int) {
    deleteCompany(by: $by, ifVersion: $ifVersion) { deletedId userErrors { ...WriteProblem } }
  }
`);

const Read = graphql(`
  query WritesRead($by: CompanyKey!) {
    company(by: $by) { ...WrittenCompany }
  }
`);

const api = useApi();

/** A tenant's client with the writes under test; each answers its payload. */
function scene() {
  const tenantId = tenant();
  const client = api.as(tenantId);
  return {
    tenantId,
    client,
    given: (input: Partial<CreateCompanyInput> = {}) => givenCompany(client, input),
    create: async (input: Partial<CreateCompanyInput>) =>
      (await client.ask(Create, { input: { name: 'Example', country: 'DE', ...input } })).createCompany,
    upsert: async (input: UpsertCompanyInput) => (await client.ask(Upsert, { input })).upsertCompany,
    upsertAll: async (items: UpsertCompanyInput[]) => (await client.ask(UpsertAll, { items })).upsertCompanies,
    patch: async (by: CompanyKey, patch: CompanyPatch, ifVersion?: number) =>
      (await client.ask(Patch, { by, patch, ifVersion })).patchCompany,
    remove: async (by: CompanyKey, ifVersion?: number) => (await client.ask(Delete, { by, ifVersion })).deleteCompany,
    read: async (by: CompanyKey) => (await client.ask(Read, { by })).company,
    /** All columns of the tenant's rows, read as the database's owner. */
    rows: () =>
      query<{ row: Record<string, unknown> }>(
        api.databaseUrl,
        'SELECT to_jsonb(company) AS row FROM company WHERE tenant_id = $1 ORDER BY id',
        [tenantId],
      ),
  };
}

type Scene = ReturnType<typeof scene>;

/** Does the work and sees that no row of the tenant has changed by it. */
async function withoutWriting<Answer>({ rows }: Scene, work: () => Promise<Answer>): Promise<Answer> {
  const before = await rows();
  const answer = await work();
  expect(await rows()).toEqual(before);
  return answer;
}

const inParallel = <Answer>(count: number, work: (position: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, position) => work(position)));

const countOf = <Value>(values: Value[], value: Value) => values.filter((each) => each === value).length;
const codesOf = (answers: { userErrors: { code: string }[] }[]) =>
  answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code));

describe('create', () => {
  it("takes the client's own companyId", async () => {
    const { create, read } = scene();
    const companyId = randomUUID();
    const { company, userErrors, warnings } = await create({ companyId: companyId.toUpperCase(), name: 'Own' });
    expect({ userErrors, warnings }).toEqual({ userErrors: [], warnings: [] });
    expect(company).toMatchObject({ companyId, id: `Company:${companyId}`, version: 1, updatedAt: null });
    expect(await read({ id: companyId })).toEqual(company);
  });

  it('retried with its companyId answers a ConflictError that shows what is there, and writes nothing', async () => {
    const on = scene();
    const input = { ...greenTech, companyId: randomUUID(), externalId: 'retried' };
    expect((await on.create(input)).userErrors).toEqual([]);
    const { company, userErrors } = await withoutWriting(on, () => on.create(input));
    expect(company).toBeNull();
    expect(userErrors).toEqual([
      {
        __typename: 'ConflictError',
        code: 'CONFLICT',
        message: expect.stringMatching(/^A company already has this companyId and this externalId: .+\.$/),
        path: ['input', 'companyId'],
        existing: [
          {
            __typename: 'Company',
            id: `Company:${input.companyId}`,
            companyId: input.companyId,
            name: greenTech.name,
            version: 1,
          },
        ],
        existingKeys: ['companyId'],
      },
    ]);
  });

  it('shows a collision as it found it, without reading it again', async () => {
    const { given, create } = scene();
    await given({ externalId: 'there' });
    const statements = await api.statementsOf(() => create({ externalId: 'there' }));
    expect(statements.filter((text) => text.includes('"company"'))).toHaveLength(1);
  });

  it('shows each company that its keys collide with, and which key hit it', async () => {
    const on = scene();
    const first = await on.given({ externalId: 'one' });
    const second = await on.given({ country: 'SE', registrationNumber: '556' });
    const { userErrors } = await withoutWriting(on, () =>
      on.create({ externalId: 'one', country: 'SWE', registrationNumber: '556' }),
    );
    expect(userErrors).toHaveLength(1);
    expect(userErrors[0]).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'externalId'],
      existing: [{ id: first.id }, { id: second.id }],
      existingKeys: ['externalId', 'registrationNumber'],
    });
  });

  it.each<[string, Partial<CreateCompanyInput>]>([
    ['the same name', { name: 'Twin' }],
    ['the same number in the register of another country', { registrationNumber: '1', country: 'AT' }],
    ['an externalId in other case', { externalId: 'TWIN' }],
  ])('makes a second company with %s', async (_, input) => {
    const { create, given, rows } = scene();
    await given({ name: 'Twin', externalId: 'twin', registrationNumber: '1' });
    expect((await create(input)).userErrors).toEqual([]);
    expect(await rows()).toHaveLength(2);
  });

  it('lets another tenant use the same keys', async () => {
    const input = { companyId: randomUUID(), externalId: 'shared', registrationNumber: '1' };
    expect((await scene().create(input)).userErrors).toEqual([]);
    expect((await scene().create(input)).userErrors).toEqual([]);
  });

  it('writes nothing when the input has a mistake', async () => {
    const on = scene();
    const { company } = await withoutWriting(on, () => on.create({ employeeCount: -1, externalId: 'mistaken' }));
    expect(company).toBeNull();
    expect(await on.rows()).toEqual([]);
  });
});

describe('upsert', () => {
  const base = { name: 'Example', country: 'DE' };

  it('creates what no key finds', async () => {
    const { upsert } = scene();
    const answer = await upsert({ ...base, externalId: 'new', city: 'Berlin' });
    expect(answer).toMatchObject({ outcome: 'CREATED', matchedBy: null, warnings: [], userErrors: [] });
    expect(answer.changedFields.toSorted()).toEqual(['city', 'country', 'externalId', 'name']);
    expect(answer.company).toMatchObject({
      externalId: 'new',
      city: 'Berlin',
      isActive: true,
      version: 1,
      updatedAt: null,
    });
  });

  it('needs name and country of a new company only', async () => {
    const on = scene();
    const { userErrors } = await withoutWriting(on, () => on.upsert({ externalId: 'new', employeeCount: -1 }));
    expect(userErrors.map(({ code, path }) => [code, path.join('.')]).toSorted()).toEqual([
      ['INVALID', 'input.employeeCount'],
      ['REQUIRED', 'input.country'],
      ['REQUIRED', 'input.name'],
    ]);
    await on.given({ externalId: 'new' });
    expect(await on.upsert({ externalId: 'new', city: 'Berlin' })).toMatchObject({
      outcome: 'UPDATED',
      userErrors: [],
    });
  });

  it.each<[string, UpsertCompanyInput]>([
    ['companyId', { companyId: '0b7f9a52-3f4f-4f6e-9d0b-0a4f1f0f7d11' }],
    [
      'companyId',
      { companyId: '0b7f9a52-3f4f-4f6e-9d0b-0a4f1f0f7d11', externalId: 'e', country: 'DE', registrationNumber: 'r' },
    ],
    ['externalId', { externalId: 'e' }],
    ['externalId', { externalId: 'e', country: 'DE', registrationNumber: 'r' }],
    ['registrationNumber', { country: 'deu', registrationNumber: 'r' }],
  ])('matches by %s the keys %j', async (matchedBy, keys) => {
    const { given, upsert, rows } = scene();
    const companyId = '0b7f9a52-3f4f-4f6e-9d0b-0a4f1f0f7d11';
    await given({ companyId, externalId: 'e', country: 'DE', registrationNumber: 'r' });
    const answer = await upsert({ ...keys, city: 'Bonn' });
    expect(answer).toMatchObject({
      outcome: 'UPDATED',
      matchedBy,
      changedFields: ['city'],
      warnings: [],
      userErrors: [],
    });
    expect(answer.company).toMatchObject({ companyId, city: 'Bonn', version: 2 });
    expect(await rows()).toHaveLength(1);
  });

  it.each<[string, UpsertCompanyInput]>([
    ['name', { name: 'Same', country: 'DE' }],
    ['website and e-mail address', { ...base, website: 'https://same.example', contactEmail: 'a@same.example' }],
    ['registration number without country', { ...base, country: 'AT', registrationNumber: '1' }],
  ])('never matches by %s', async (_, input) => {
    const { given, upsert, rows } = scene();
    await given({
      name: 'Same',
      website: 'https://same.example',
      contactEmail: 'a@same.example',
      registrationNumber: '1',
    });
    expect(await upsert(input)).toMatchObject({ outcome: 'CREATED', matchedBy: null });
    expect(await rows()).toHaveLength(2);
  });

  it('keeps what is absent, clears what is null, replaces lists', async () => {
    const { given, upsert } = scene();
    await given({ ...greenTech, externalId: 'kept' });
    const { company, changedFields } = await upsert({
      externalId: 'kept',
      description: null,
      certifications: ['EMAS'],
      naceCodes: null,
    });
    expect(changedFields.toSorted()).toEqual(['certifications', 'description', 'naceCodes']);
    expect(company).toMatchObject({
      name: greenTech.name,
      city: greenTech.city,
      employeeCount: greenTech.employeeCount,
      description: null,
      certifications: ['EMAS'],
      naceCodes: [],
      version: 2,
    });
  });

  it('that says what is there already is UNCHANGED and keeps version, updatedAt and row', async () => {
    const on = scene();
    const input: UpsertCompanyInput = {
      ...greenTech,
      companyId: randomUUID(),
      externalId: 'same',
      registrationNumber: '1',
      annualRevenue: 0.1 + 0.2,
      scope1Sources: [
        { activity: 'natural_gas_kwh', amount: 50_000.25 },
        { activity: 'diesel_liters', amount: 0 },
      ],
      scope3Categories: [{ category: 'WASTE', emissions: 0.1 + 0.2 }],
    };
    expect((await on.upsert(input)).outcome).toBe('CREATED');
    const spelledOtherwise = { ...input, country: 'deu', naceCodes: ['m.71', 'D35', 'M71'] };
    for (const again of [input, spelledOtherwise, { externalId: 'same' }]) {
      const answer = await withoutWriting(on, () => on.upsert(again));
      expect(answer).toMatchObject({ outcome: 'UNCHANGED', changedFields: [], userErrors: [] });
      expect(answer.company).toMatchObject({ version: 1, updatedAt: null });
    }
    const changed = await on.upsert({ externalId: 'same', city: 'Bonn' });
    expect(changed.company).toMatchObject({ version: 2, updatedAt: expect.any(String) });
    const unchanged = await withoutWriting(on, () => on.upsert({ externalId: 'same', city: 'Bonn' }));
    expect(unchanged).toMatchObject({ outcome: 'UNCHANGED', company: changed.company });
  });

  it('treats another order of a list as a change', async () => {
    const { given, upsert } = scene();
    await given({ externalId: 'order', certifications: ['EMAS', 'B_CORP'] });
    expect(await upsert({ externalId: 'order', certifications: ['B_CORP', 'EMAS'] })).toMatchObject({
      outcome: 'UPDATED',
      changedFields: ['certifications'],
    });
  });

  it('reports only what really changed', async () => {
    const { given, upsert } = scene();
    await given({ ...greenTech, externalId: 'exact' });
    const { changedFields } = await upsert({
      ...greenTech,
      externalId: 'exact',
      city: 'Bonn',
      employeeCount: null,
      isActive: false,
    });
    expect(changedFields.toSorted()).toEqual(['city', 'employeeCount', 'isActive']);
  });

  it('whose keys hit two companies gets one ConflictError that shows both, and nothing is written', async () => {
    const on = scene();
    const first = await on.given({ externalId: 'a' });
    const second = await on.given({ registrationNumber: 'b' });
    for (const keys of [
      { externalId: 'a', country: 'DE', registrationNumber: 'b' },
      { companyId: first.companyId, country: 'DE', registrationNumber: 'b' },
      { companyId: second.companyId, externalId: 'a' },
    ]) {
      const answer = await withoutWriting(on, () => on.upsert({ ...keys, city: 'Nowhere' }));
      expect(answer).toMatchObject({ company: null, outcome: null, matchedBy: null, changedFields: [], warnings: [] });
      expect(answer.userErrors).toHaveLength(1);
      const [error] = answer.userErrors;
      if (error?.__typename !== 'ConflictError') throw new Error('No ConflictError.');
      expect(error.message).toMatch(/^Different records have this \w+ and this \w+: .+\.$/);
      expect(error.existing.map(({ id }) => id).toSorted()).toEqual([first.id, second.id].toSorted());
      expect(error.existingKeys).toEqual(Object.keys(keys).filter((key) => key !== 'country'));
      expect(error.path).toEqual(['input', error.existingKeys[0]]);
    }
  });

  it('by one key may not take the key of another company', async () => {
    const on = scene();
    const taken = await on.given({ registrationNumber: 'taken', country: 'SE' });
    await on.given({ externalId: 'e', country: 'DE' });
    await on.given({ externalId: 'f', country: 'DE', registrationNumber: 'taken' });
    const { userErrors } = await withoutWriting(on, () => on.upsert({ externalId: 'f', country: 'SE' }));
    expect(userErrors).toHaveLength(1);
    expect(userErrors[0]).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'registrationNumber'],
      existing: [{ id: taken.id }],
      existingKeys: ['registrationNumber'],
    });
  });

  it('warns of a companyId that names nobody when another key finds the company', async () => {
    const { given, upsert, rows } = scene();
    const there = await given({ externalId: 'there' });
    const answer = await upsert({ companyId: randomUUID(), externalId: 'there', city: 'Bonn' });
    expect(answer).toMatchObject({
      outcome: 'UPDATED',
      matchedBy: 'externalId',
      userErrors: [],
      changedFields: ['city'],
    });
    expect(answer.company?.companyId).toBe(there.companyId);
    expect(answer.warnings).toEqual([
      { path: ['input', 'companyId'], message: expect.stringMatching(/keeps its own\.$/) },
    ]);
    expect(await rows()).toHaveLength(1);
  });

  it('treats the companyId of another tenant as one that names nobody', async () => {
    const { companyId } = await scene().given({ name: 'Theirs' });
    const { upsert } = scene();
    const answer = await upsert({ ...base, companyId });
    expect(answer).toMatchObject({ outcome: 'CREATED', userErrors: [], company: { companyId, version: 1 } });
  });

  it('writes nothing when the input has a mistake', async () => {
    const on = scene();
    await on.given({ externalId: 'mistaken', city: 'Bonn' });
    const { userErrors } = await withoutWriting(on, () =>
      on.upsert({ externalId: 'mistaken', city: 'Berlin', employeeCount: -1, name: null }),
    );
    expect(codesOf([{ userErrors }]).toSorted()).toEqual(['INVALID', 'REQUIRED']);
  });
});

describe('patch', () => {
  it('keeps what is absent, clears what is null, replaces lists', async () => {
    const { given, patch, read } = scene();
    const { id } = await given(greenTech);
    const { company, changedFields, userErrors } = await patch(
      { id },
      { description: null, certifications: ['EMAS'], naceCodes: null, city: 'Bonn' },
    );
    expect(userErrors).toEqual([]);
    expect(changedFields.toSorted()).toEqual(['certifications', 'city', 'description', 'naceCodes']);
    expect(company).toMatchObject({
      name: greenTech.name,
      employeeCount: greenTech.employeeCount,
      description: null,
      certifications: ['EMAS'],
      naceCodes: [],
      city: 'Bonn',
      version: 2,
      updatedAt: expect.any(String),
    });
    expect(await read({ id })).toEqual(company);
  });

  it('answers the row as it wrote it, without reading it again', async () => {
    const { given, patch } = scene();
    const { id } = await given(greenTech);
    const statements = await api.statementsOf(() => patch({ id }, { city: 'Bonn' }));
    expect(statements.filter((text) => text.startsWith('UPDATE'))).toHaveLength(1);
    expect(statements.at(-1)).toMatch(/^UPDATE/);
  });

  it('that changes nothing keeps version and updatedAt', async () => {
    const on = scene();
    const { id } = await on.given(greenTech);
    for (const patch of [
      {},
      { city: greenTech.city },
      { country: 'deu', naceCodes: ['m71', 'd35'], externalId: null },
    ]) {
      const answer = await withoutWriting(on, () => on.patch({ id }, patch));
      expect(answer).toMatchObject({ changedFields: [], userErrors: [], company: { version: 1, updatedAt: null } });
    }
  });

  it('refuses null for name, country and isActive, and tells every problem at once', async () => {
    const on = scene();
    const { id } = await on.given(greenTech);
    const { company, userErrors } = await withoutWriting(on, () =>
      on.patch({ id }, { name: null, country: null, isActive: null, city: 'Bonn', naceCodes: ['M71', 'M76'] }),
    );
    expect(company).toBeNull();
    expect(userErrors.map(({ code, path }) => [code, path.join('.')]).toSorted()).toEqual([
      ['INVALID', 'patch.naceCodes.1'],
      ['REQUIRED', 'patch.country'],
      ['REQUIRED', 'patch.isActive'],
      ['REQUIRED', 'patch.name'],
    ]);
  });

  it('finds the company by each of its keys', async () => {
    const { given, patch } = scene();
    const { id, companyId } = await given({ externalId: 'e', country: 'SE', registrationNumber: 'r' });
    const keys: CompanyKey[] = [
      { id },
      { id: companyId },
      { id: companyId.toUpperCase() },
      { externalId: 'e' },
      { registration: { country: 'swe', registrationNumber: 'r' } },
    ];
    for (const [position, by] of keys.entries()) {
      const { company, userErrors } = await patch(by, { employeeCount: position });
      expect(userErrors).toEqual([]);
      expect(company).toMatchObject({ companyId, employeeCount: position, version: position + 2 });
    }
  });

  it('of a company that is not there is NOT_FOUND, with the problems of the patch beside it', async () => {
    const on = scene();
    const theirs = await scene().given({ externalId: 'theirs' });
    for (const by of [{ id: theirs.id }, { id: randomUUID() }, { externalId: 'theirs' }]) {
      const answer = await withoutWriting(on, () => on.patch(by, { name: null }));
      expect(answer.company).toBeNull();
      expect(answer.userErrors.map(({ code, path }) => [code, path])).toEqual([
        ['NOT_FOUND', ['by']],
        ['REQUIRED', ['patch', 'name']],
      ]);
    }
  });

  it.each<[CompanyKey, string[]]>([
    [{ id: 'nonsense' }, ['by', 'id']],
    [{ id: 'Contract:0b7f9a52-3f4f-4f6e-9d0b-0a4f1f0f7d11' }, ['by', 'id']],
    [{ externalId: 'a\0' }, ['by', 'externalId']],
    [{ externalId: '\ud800' }, ['by', 'externalId']],
    [{ registration: { country: 'DE', registrationNumber: '\0' } }, ['by', 'registration', 'registrationNumber']],
  ])('refuses the key %j at its place', async (by, path) => {
    const { patch, remove, client } = scene();
    for (const { userErrors } of [await patch(by, {}), await remove(by)]) {
      expect(userErrors).toEqual([
        { __typename: 'InvalidInputError', code: 'INVALID', message: expect.any(String), path },
      ]);
    }
    const error = await client.fail(Read, { by });
    expect(error.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: path });
  });

  it('of a stale version is refused and tells the current one', async () => {
    const on = scene();
    const { id } = await on.given();
    expect((await on.patch({ id }, { city: 'Bonn' }, 1)).company).toMatchObject({ version: 2 });
    for (const version of [1, 3, 0, -1]) {
      const { company, userErrors } = await withoutWriting(on, () => on.patch({ id }, { city: 'Berlin' }, version));
      expect(company).toBeNull();
      expect(userErrors).toEqual([
        {
          __typename: 'StaleVersionError',
          code: 'STALE_VERSION',
          message: expect.stringContaining('version 2'),
          path: ['ifVersion'],
          currentVersion: 2,
        },
      ]);
    }
    expect((await on.patch({ id }, { city: 'Berlin' }, 2)).company).toMatchObject({ version: 3, city: 'Berlin' });
  });

  it('may not take a key of another company, also when only the country makes it one', async () => {
    const on = scene();
    const taken = await on.given({ name: 'Taken', externalId: 'taken', country: 'SE', registrationNumber: '1' });
    const { id } = await on.given({ country: 'DE', registrationNumber: '1' });
    for (const [patch, key] of [
      [{ externalId: 'taken' }, 'externalId'],
      [{ country: 'SE' }, 'registrationNumber'],
      [{ country: 'SE', registrationNumber: '1' }, 'registrationNumber'],
    ] as const) {
      const { company, userErrors } = await withoutWriting(on, () => on.patch({ id }, { ...patch, city: 'Bonn' }));
      expect(company).toBeNull();
      expect(userErrors).toHaveLength(1);
      expect(userErrors[0]).toMatchObject({
        code: 'CONFLICT',
        path: ['patch', key],
        existing: [{ id: taken.id, name: 'Taken' }],
        existingKeys: [key],
      });
    }
  });

  it('may repeat its own keys, give them up and take those that another gave up', async () => {
    const { given, patch } = scene();
    await given({ externalId: 'a' });
    await given({ externalId: 'b' });
    expect((await patch({ externalId: 'a' }, { externalId: 'a', city: 'Bonn' })).changedFields).toEqual(['city']);
    expect((await patch({ externalId: 'a' }, { externalId: null })).userErrors).toEqual([]);
    expect((await patch({ externalId: 'b' }, { externalId: 'a' })).company).toMatchObject({ externalId: 'a' });
  });
});

describe('delete', () => {
  it('answers the ID of what is gone, and a second time NOT_FOUND', async () => {
    const { given, remove, read, rows } = scene();
    const { id } = await given({ externalId: 'gone' });
    expect(await remove({ externalId: 'gone' })).toEqual({ deletedId: id, userErrors: [] });
    expect(await read({ id })).toBeNull();
    expect(await rows()).toEqual([]);
    for (const by of [{ id }, { externalId: 'gone' }]) {
      expect(await remove(by)).toEqual({
        deletedId: null,
        userErrors: [{ __typename: 'NotFoundError', code: 'NOT_FOUND', message: expect.any(String), path: ['by'] }],
      });
    }
  });

  it('of a stale version is refused', async () => {
    const on = scene();
    const { id } = await on.given();
    await on.patch({ id }, { city: 'Bonn' });
    const { deletedId, userErrors } = await withoutWriting(on, () => on.remove({ id }, 1));
    expect(deletedId).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'STALE_VERSION', path: ['ifVersion'], currentVersion: 2 }]);
    expect(await on.remove({ id }, 2)).toEqual({ deletedId: id, userErrors: [] });
  });

  it("does not reach another tenant's company, and does not tell that it exists", async () => {
    const theirs = scene();
    const { id } = await theirs.given({ externalId: 'theirs' });
    const mine = scene();
    const answers = await withoutWriting(theirs, async () => [
      await mine.remove({ id }),
      await mine.remove({ id: randomUUID() }),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    expect(codesOf(answers)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  it('frees the keys', async () => {
    const { given, remove, create } = scene();
    const keys = { companyId: randomUUID(), externalId: 'again', registrationNumber: '1' };
    const { id } = await given(keys);
    await remove({ id });
    expect(await create(keys)).toMatchObject({ userErrors: [], company: { version: 1, companyId: keys.companyId } });
  });
});

describe('upsertCompanies', () => {
  it('takes each item alone, in the order given, with paths that start at its position', async () => {
    const { given, upsertAll, rows } = scene();
    await given({ externalId: 'there', city: 'Bonn' });
    const answer = await upsertAll([
      { name: 'First', country: 'DE', externalId: 'first' },
      { externalId: 'there', city: 'Bonn' },
      { name: '', country: 'DE', externalId: 'refused', naceCodes: ['M71', 'M76'] },
      { externalId: 'there', city: 'Berlin' },
      { externalId: 'incomplete' },
      { name: 'Odd', country: 'DE', externalId: 'odd', foundingYear: 2100 },
    ]);
    expect(answer).toMatchObject({ succeeded: 4, failed: 2 });
    expect(answer.results.map(({ outcome, company }) => [outcome, company?.externalId])).toEqual([
      ['CREATED', 'first'],
      ['UNCHANGED', 'there'],
      [null, undefined],
      ['UPDATED', 'there'],
      [null, undefined],
      ['CREATED', 'odd'],
    ]);
    const paths = answer.results.map(({ userErrors }) => userErrors.map(({ path }) => path.join('.')));
    expect(paths).toEqual([[], [], ['2.name', '2.naceCodes.1'], [], ['4.name', '4.country'], []]);
    expect(answer.results[5]?.warnings).toEqual([{ path: ['5', 'foundingYear'] }]);
    expect(await rows()).toHaveLength(3);
  });

  it('lets a later item with the same key see the earlier one', async () => {
    const { upsertAll, rows } = scene();
    const item = { name: 'Twice', country: 'DE', externalId: 'twice' };
    const { results, failed } = await upsertAll([item, item, { ...item, name: 'Thrice' }]);
    expect(failed).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UNCHANGED', 'UPDATED']);
    expect(results.map(({ company }) => [company?.name, company?.version])).toEqual([
      ['Twice', 1],
      ['Twice', 1],
      ['Thrice', 2],
    ]);
    expect(await rows()).toHaveLength(1);
  });

  it("points at a conflict in the item's place", async () => {
    const { upsertAll } = scene();
    const { results } = await upsertAll([
      { name: 'A', country: 'DE', externalId: 'a' },
      { name: 'B', country: 'DE', externalId: 'b', registrationNumber: '1' },
      { country: 'DE', externalId: 'a', registrationNumber: '1' },
    ]);
    expect(results[2]?.userErrors).toMatchObject([
      {
        code: 'CONFLICT',
        path: ['2', 'externalId'],
        existing: [{ name: 'A' }, { name: 'B' }],
        existingKeys: ['externalId', 'registrationNumber'],
      },
    ]);
  });

  it('takes 250 items and refuses 251 whole', async () => {
    const on = scene();
    const items = Array.from({ length: 251 }, (_, at) => ({ name: 'Many', country: 'DE', externalId: `${at}` }));
    const error = await on.client.fail(UpsertAll, { items });
    expect(error).toMatchObject({
      message: '$items has 251 items: send at most 250 at once.',
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(await on.rows()).toEqual([]);
    expect(await on.upsertAll(items.slice(1))).toMatchObject({ succeeded: 250, failed: 0 });
    expect(await on.upsertAll([])).toEqual({ succeeded: 0, failed: 0, results: [] });
  });
});

describe('in parallel', () => {
  it('64 upserts of one new key make one company', async () => {
    const { upsert, rows } = scene();
    const answers = await inParallel(64, () => upsert({ name: 'One', country: 'DE', externalId: 'one' }));
    expect(codesOf(answers)).toEqual([]);
    const outcomes = answers.map(({ outcome }) => outcome);
    expect([countOf(outcomes, 'CREATED'), countOf(outcomes, 'UNCHANGED')]).toEqual([1, 63]);
    expect(new Set(answers.map(({ company }) => company?.id)).size).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('60 upserts that name one new company by changing pairs of its three keys make one company', async () => {
    const { upsert, rows } = scene();
    const companyId = randomUUID();
    const pairs: UpsertCompanyInput[] = [
      { companyId, externalId: 'e' },
      { externalId: 'e', registrationNumber: 'r' },
      { companyId, registrationNumber: 'r' },
      { companyId, externalId: 'e', registrationNumber: 'r' },
    ];
    const answers = await inParallel(60, (at) => upsert({ name: 'One', country: 'DE', ...pairs[at % pairs.length] }));
    expect(codesOf(answers)).toEqual([]);
    const outcomes = answers.map(({ outcome }) => outcome);
    expect(countOf(outcomes, 'CREATED')).toBe(1);
    const stored = await rows();
    expect(stored).toHaveLength(1);
    expect(stored[0]?.row).toMatchObject({
      external_id: 'e',
      registration_number: 'r',
      version: 1 + countOf(outcomes, 'UPDATED'),
    });
  });

  it('of 50 patches with the same ifVersion one wins, and the others learn the current version', async () => {
    const { given, patch, read } = scene();
    const { id } = await given();
    const answers = await inParallel(50, (at) => patch({ id }, { employeeCount: at }, 1));
    const winners = answers.filter(({ company }) => company !== null);
    expect(winners).toHaveLength(1);
    expect(codesOf(answers)).toEqual(Array(49).fill('STALE_VERSION'));
    for (const { userErrors } of answers)
      for (const error of userErrors) expect(error).toMatchObject({ currentVersion: 2 });
    expect(await read({ id })).toEqual(winners[0]?.company);
  });

  it('40 patches without ifVersion, by different keys, are all counted and none is lost', async () => {
    const { given, patch, read } = scene();
    const { id } = await given({ externalId: 'e', registrationNumber: 'r' });
    const keys: CompanyKey[] = [
      { id },
      { externalId: 'e' },
      { registration: { country: 'DE', registrationNumber: 'r' } },
    ];
    const answers = await inParallel(40, (at) =>
      patch(keys[at % keys.length] ?? { id }, at % 2 === 0 ? { employeeCount: at } : { annualRevenue: at }),
    );
    expect(codesOf(answers)).toEqual([]);
    const companies = answers.map(({ company }) => company).toSorted((a, b) => (a?.version ?? 0) - (b?.version ?? 0));
    expect(companies.map((company) => company?.version)).toEqual(Array.from({ length: 40 }, (_, at) => at + 2));
    expect(await read({ id })).toEqual(companies[39]);
    for (const field of ['employeeCount', 'annualRevenue'] as const)
      expect(new Set(companies.map((company) => company?.[field]).filter((value) => value !== null)).size).toBe(20);
  });

  it('16 creations with one companyId make one company and 15 conflicts that show it', async () => {
    const { create, rows } = scene();
    const companyId = randomUUID();
    const answers = await inParallel(16, (at) => create({ companyId, name: `Attempt ${at}` }));
    const [winner, ...others] = answers.filter(({ company }) => company !== null);
    expect(others).toEqual([]);
    expect(codesOf(answers)).toEqual(Array(15).fill('CONFLICT'));
    for (const error of answers.flatMap(({ userErrors }) => userErrors))
      expect(error).toMatchObject({
        existing: [{ companyId, name: winner?.company?.name }],
        existingKeys: ['companyId'],
      });
    expect(await rows()).toHaveLength(1);
  });

  it('patches that swap keys end as conflicts, never as failures of ours', async () => {
    const on = scene();
    const first = await on.given({ externalId: 'a', registrationNumber: '1' });
    const second = await on.given({ externalId: 'b', registrationNumber: '2' });
    const answers = await withoutWriting(on, () =>
      inParallel(24, (at) =>
        at % 2 === 0
          ? on.patch({ id: first.id }, at % 4 === 0 ? { externalId: 'b' } : { registrationNumber: '2' })
          : on.patch({ externalId: 'b' }, at % 4 === 1 ? { externalId: 'a' } : { registrationNumber: '1' }),
      ),
    );
    expect(codesOf(answers)).toEqual(Array(24).fill('CONFLICT'));
    expect(second.version).toBe(1);
  });

  it('patches that pass keys on in a ring leave each key with one company', async () => {
    const on = scene();
    const ring = ['a', 'b', 'c', 'd'];
    const ids: string[] = [];
    for (const externalId of ring) ids.push((await on.given({ externalId })).id);
    const answers = await inParallel(48, (at) => {
      const externalId = at % 3 === 0 ? null : (ring[(at + 1) % 4] ?? null);
      return on.patch({ id: ids[at % 4] ?? '' }, { externalId });
    });
    expect(codesOf(answers).filter((code) => code !== 'CONFLICT')).toEqual([]);
    const stored = (await on.rows()).map(({ row }) => row.external_id);
    expect(stored).toHaveLength(4);
    const keys = stored.filter((key) => key !== null);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('patches of a country that make one registration the same let one company have it', async () => {
    const on = scene();
    const countries = ['DE', 'FR', 'IT', 'ES', 'PL', 'AT', 'CH', 'NL', 'BE', 'DK', 'FI', 'NO'];
    for (const country of countries) await on.given({ country, registrationNumber: '1' });
    const answers = await inParallel(countries.length, (at) =>
      on.patch({ registration: { country: countries[at] ?? '', registrationNumber: '1' } }, { country: 'SE' }),
    );
    expect(answers.filter(({ company }) => company !== null)).toHaveLength(1);
    expect(codesOf(answers)).toEqual(Array(countries.length - 1).fill('CONFLICT'));
  });

  it('deletions, upserts and patches of one key never fail on our side', async () => {
    const on = scene();
    const by: CompanyKey = { externalId: 'storm' };
    const work: ((at: number) => Promise<{ userErrors: { code: string }[] }>)[] = [
      (at) => on.upsert({ name: 'Storm', country: 'DE', externalId: 'storm', employeeCount: at }),
      (at) => on.patch(by, { annualRevenue: at }),
      () => on.remove(by),
    ];
    const answers = await inParallel(60, (at) => work[at % work.length]?.(at) ?? Promise.reject());
    expect([...new Set(codesOf(answers))].filter((code) => code !== 'NOT_FOUND')).toEqual([]);
    expect((await on.rows()).length).toBeLessThanOrEqual(1);
  });
});
