/** Energy contracts in the schema. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import { builder, type Context } from '../builder.ts';
import { ConflictError, InvalidInputError, orRefused, Refusal, Refused } from '../errors.ts';
import { forRouterOnly } from '../federation/audience.ts';
import { asEntity } from '../federation/records.ts';
import { Building, tenantField, User } from '../federation/stubs.ts';
import { COUNT_WEIGHT, costs } from '../field-cost.ts';
import type { Where } from '../list/filter.ts';
import { defineFilter, filterBy } from '../list/filter-types.ts';
import { defineList } from '../list/list-types.ts';
import { relatedList } from '../list/related-types.ts';
import { joinNodes, Node, withRelations } from '../node.ts';
import { describedEnum, idFields, inputFor, outputFields, stampFields } from '../schema-fields.ts';
import { UserErrorInterface, userErrorsOf, Warning } from '../user-errors.ts';
import { defineWrites } from '../writes.ts';
import { CONTRACT_TYPES, energyContractFields } from './input.ts';
import { type EnergyContractKeyInput, energyContractKey } from './keys.ts';
import { type Appended, appendEnergyPrices, contracts } from './operations.ts';
import {
  DEFAULT_PRICES,
  EnergyPrice,
  EnergyPriceStats,
  MAX_PRICES,
  priceAt,
  priceStats,
  prices,
} from './price-types.ts';

const EnergyContractType = describedEnum('EnergyContractType', 'How the price of a contract is set.', CONTRACT_TYPES);

const EnergyContract = builder.prismaObject('EnergyContract', {
  description: "A user's energy contract.",
  interfaces: [Node],
  ...asEntity({ type: 'EnergyContract', idField: 'contractId', read: readContracts }),
  select: { tenantId: true, id: true },
  fields: (t) => ({
    ...idFields(t, 'EnergyContract', 'contractId'),
    ...tenantField(t),
    ...outputFields(t, energyContractFields),
    energyPrices: t.field({
      type: [EnergyPrice],
      description: `The price series, oldest first; at most ${MAX_PRICES} at once.`,
      args: {
        from: t.arg({ type: 'DateTime', description: 'From this timestamp on, inclusive.' }),
        to: t.arg({ type: 'DateTime', description: 'Up to this timestamp, exclusive.' }),
        first: t.arg.int({ description: `How many, 1–${MAX_PRICES}; ${DEFAULT_PRICES} when absent.` }),
      },
      ...costs({ list: { slicingArguments: ['first'], assumedSize: DEFAULT_PRICES, maximum: MAX_PRICES } }),
      async resolve({ id }, { from, to, first }, context) {
        const limit = first ?? DEFAULT_PRICES;
        if (limit < 1 || limit > MAX_PRICES) {
          throw new Refusal([
            new InvalidInputError(['first'], `Ask for 1 to ${MAX_PRICES} prices in first, not ${limit}.`),
          ]);
        }
        return (await prices(context, { id, asked: { range: { from, to }, first: limit } })) ?? [];
      },
    }),
    priceAt: t.field({
      type: EnergyPrice,
      nullable: true,
      description: 'The price that holds at an instant; `null` before the first price and outside the validity.',
      args: { at: t.arg({ type: 'DateTime', required: true, description: 'The instant.' }) },
      select: { validFrom: true, validTo: true },
      resolve: ({ id, validFrom, validTo }, { at }, context) =>
        (validFrom !== null && at < validFrom) || (validTo !== null && at >= validTo)
          ? null
          : priceAt(context, { id, asked: at }),
    }),
    energyPriceStats: t.field({
      type: EnergyPriceStats,
      description: 'Statistics of the price series, or a range of it.',
      args: {
        from: t.arg({ type: 'DateTime', description: 'From this timestamp on, inclusive.' }),
        to: t.arg({ type: 'DateTime', description: 'Up to this timestamp, exclusive.' }),
      },
      ...costs({ weight: COUNT_WEIGHT }),
      resolve: async ({ id }, { from, to }, context) =>
        (await priceStats(context, { id, asked: { from, to } })) ?? { count: 0, min: null, max: null, average: null },
    }),
    user: t.field({
      ...forRouterOnly,
      type: User,
      description: 'Whose contract it is.',
      select: { userId: true },
      resolve: ({ userId }) => ({ id: userId }),
    }),
    building: t.field({
      ...forRouterOnly,
      type: Building,
      nullable: true,
      description: "The building supplied; `null`: all the user's buildings.",
      select: { buildingId: true },
      resolve: ({ buildingId }) => (buildingId === null ? null : { id: buildingId }),
    }),
    company: t.relation('company', { nullable: true, description: 'The company supplied; `null` for none.' }),
    co2Customer: t.relation('co2Customer', {
      nullable: true,
      description: 'The climate customer supplied; `null` for none.',
    }),
    ...outputFields(t, stampFields),
  }),
});

/** The one read of several contracts: `query` has Prisma's select, order and limits, `where` all but the tenant. */
function readContracts({ db, viewer }: Context, where: Where, query: object): Promise<{ id: string }[]> {
  return db.energyContract.findMany({ ...query, where: { ...where, tenantId: viewer.tenantId } });
}

joinNodes('EnergyContract', (ids, context, info) =>
  readContracts(context, { id: { in: ids } }, queryFromInfo({ context, info, typeName: 'EnergyContract' })),
);

// ── reads ──

const EnergyContractKey = builder.inputRef<EnergyContractKeyInput>('EnergyContractKey').implement({
  description: 'Exactly one key that names a contract.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global ID or bare UUID.' }),
    externalId: t.string({ description: 'The key in a system of yours.' }),
    meter: t.field({
      description: 'User and meter, while they have one contract only.',
      type: builder.inputType('EnergyContractMeterKey', {
        description: 'User and meter.',
        fields: (t) => ({
          userId: t.field({ type: 'UUID', required: true, description: 'The user.' }),
          meterId: t.string({ required: true, description: 'The meter.' }),
        }),
      }),
    }),
  }),
});

builder.queryField('energyContract', (t) =>
  t.prismaField({
    type: EnergyContract,
    nullable: true,
    description: 'The contract with this key; `null` when there is none.',
    args: { by: t.arg({ type: EnergyContractKey, required: true, description: 'Which contract.' }) },
    async resolve(query, _, { by }, { db, viewer }) {
      const { where } = energyContractKey(by);
      const [contract, other] = await db.energyContract.findMany({
        ...query,
        where: { ...where, tenantId: viewer.tenantId },
        take: 2,
      });
      if (other === undefined) return contract ?? null;
      throw new Refusal([
        new ConflictError(['by', 'meter'], 'Several contracts have this meter: name one of them by its ID.', []),
      ]);
    },
  }),
);

const listTypes = defineList(
  {
    name: 'energyContracts',
    type: EnergyContract,
    typeName: 'EnergyContract',
    filter: defineFilter('EnergyContractFilter', 'Which contracts.', {
      id: filterBy.id('id', 'EnergyContract', 'By ID.'),
      externalId: filterBy.optionalText('externalId', 'By the key in a system of yours.'),
      userId: filterBy.id('userId', 'User', 'By user.'),
      buildingId: filterBy.optionalId('buildingId', 'Building', 'By building.'),
      companyId: filterBy.optionalId('companyId', 'Company', 'By company.'),
      co2CustomerId: filterBy.optionalId('co2CustomerId', 'Co2Customer', 'By climate customer.'),
      meterId: filterBy.optionalText('meterId', 'By meter.'),
      supplier: filterBy.optionalText('supplier', 'By supplier.'),
      energyContractTypeIn: filterBy.optionalAmong('energyContractType', EnergyContractType, 'By one of these types.'),
      activeAt: {
        type: 'DateTime',
        description: 'Valid at this instant.',
        condition: (at: Date) => ({
          AND: [
            { OR: [{ validFrom: null }, { validFrom: { lte: at } }] },
            { OR: [{ validTo: null }, { validTo: { gt: at } }] },
          ],
        }),
      },
      createdAt: filterBy.instant('createdAt', 'By creation.'),
      updatedAt: filterBy.optionalInstant('updatedAt', 'By last change.'),
    }),
    orders: {
      SUPPLIER: { column: 'supplier', kind: 'text', nullable: true, shared: true, description: 'By supplier.' },
      VALID_FROM: { column: 'validFrom', kind: 'instant', nullable: true, description: 'By begin of validity.' },
      CREATED_AT: { column: 'createdAt', kind: 'instant', description: 'By creation.' },
      UPDATED_AT: { column: 'updatedAt', kind: 'instant', nullable: true, description: 'By last change.' },
    },
    defaultOrder: { field: 'CREATED_AT', direction: 'ASC' },
    read: readContracts,
    count: ({ db, viewer }, where) => db.energyContract.count({ where: { ...where, tenantId: viewer.tenantId } }),
  },
  'The energy contracts of your tenant.',
);

builder.prismaObjectField('Company', 'energyContracts', (t) =>
  relatedList(t, {
    name: 'energyContracts',
    parentType: 'Company',
    itemType: 'EnergyContract',
    types: listTypes,
    description: 'The energy contracts that supply the company.',
    async count({ db, viewer: { tenantId } }, companyIds) {
      const where = { tenantId, companyId: { in: [...companyIds] } };
      const groups = await db.energyContract.groupBy({ by: ['companyId'], where, _count: true });
      return new Map(groups.map(({ companyId, _count }) => [companyId ?? '', _count]));
    },
  }),
);

builder.prismaObjectField('Co2Customer', 'energyContracts', (t) =>
  relatedList(t, {
    name: 'energyContracts',
    parentType: 'Co2Customer',
    itemType: 'EnergyContract',
    types: listTypes,
    description: 'The energy contracts that supply the customer.',
    async count({ db, viewer: { tenantId } }, customerIds) {
      const where = { tenantId, co2CustomerId: { in: [...customerIds] } };
      const groups = await db.energyContract.groupBy({ by: ['co2CustomerId'], where, _count: true });
      return new Map(groups.map(({ co2CustomerId, _count }) => [co2CustomerId ?? '', _count]));
    },
  }),
);

// ── writes ──

const idField = {
  name: 'contractId',
  description:
    'A UUID of your own for a new contract. It makes a retried `registerEnergyContract` safe: the second call answers with a ConflictError.',
};

defineWrites({
  names: { type: 'EnergyContract', plural: 'EnergyContracts', field: 'energyContract', noun: 'contract' },
  record: EnergyContract,
  operations: contracts,
  by: { input: EnergyContractKey, parse: energyContractKey },
  create: {
    verb: 'register',
    input: inputFor('create', 'RegisterEnergyContractInput', energyContractFields, { idField }),
    description: "Registers a user's contract. A key that is taken already is a ConflictError.",
  },
  upsert: inputFor('upsert', 'UpsertEnergyContractInput', energyContractFields, {
    idField,
    description:
      'Creates, or patches the contract that `contractId`, then `externalId`, then user and meter name. `userId` is needed to create and never changes.',
  }),
  patch: inputFor('patch', 'EnergyContractPatch', energyContractFields),
  delete: { description: 'Deletes a contract with its prices.' },
});

const AppendEnergyPricesPayload = builder.objectRef<Appended | Refused>('AppendEnergyPricesPayload').implement({
  description: 'What appending prices did.',
  fields: (t) => ({
    energyContract: t.field({
      type: EnergyContract,
      nullable: true,
      description: 'The contract after the write; `null` when it was refused.',
      resolve: (answer, _, context, info) =>
        answer instanceof Refused ? null : withRelations('EnergyContract', answer.row, context, info),
    }),
    written: t.int({
      description: 'Prices that are new or changed; 0 leaves the version alone.',
      resolve: (answer) => (answer instanceof Refused ? 0 : answer.written),
    }),
    warnings: t.field({
      type: [Warning],
      description: 'What is odd about the prices and was accepted.',
      resolve: (answer) => (answer instanceof Refused ? [] : [...answer.warnings]),
    }),
    userErrors: t.field({
      type: [UserErrorInterface],
      description: 'What the caller can put right, all at once. When there is any, nothing was written.',
      resolve: userErrorsOf,
    }),
  }),
});

builder.mutationField('appendEnergyPrices', (t) =>
  t.field({
    type: AppendEnergyPricesPayload,
    description: 'Merges prices into the series of a contract by timestamp. Safe to repeat.',
    args: {
      by: t.arg({ type: EnergyContractKey, required: true, description: 'Which contract.' }),
      energyPrices: t.arg({
        type: ['EnergyPriceInput' as never],
        required: true,
        description: 'At most 35,136, each timestamp once. The contract must have a currency.',
      }),
    },
    resolve: (_, { by, energyPrices }, context) => orRefused(appendEnergyPrices(context, by, energyPrices)),
  }),
);
