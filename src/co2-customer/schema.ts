/** Customers in the schema. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import { builder, type Context } from '../builder.ts';
import { asEntity } from '../federation/records.ts';
import { tenantField } from '../federation/stubs.ts';
import { costs } from '../field-cost.ts';
import type { Where } from '../list/filter.ts';
import { defineFilter, filterBy } from '../list/filter-types.ts';
import { defineList } from '../list/list-types.ts';
import { relatedList } from '../list/related-types.ts';
import { joinNodes, Node } from '../node.ts';
import { describedEnum, idFields, inputFor, outputFields, stampFields } from '../schema-fields.ts';
import { defineWrites } from '../writes.ts';
import { ACCUMULATION_PERIODS, CUSTOMER_TYPES, co2CustomerFields, type ExternalReference } from './input.ts';
import { type Co2CustomerKeyInput, co2CustomerKey } from './keys.ts';
import { customers } from './operations.ts';

const CustomerType = describedEnum('CustomerType', 'Who the customer is.', CUSTOMER_TYPES);
const AccumulationPeriod = describedEnum(
  'AccumulationPeriod',
  'How long purchases are collected before they are compensated.',
  ACCUMULATION_PERIODS,
);

const ExternalReferenceType = builder.objectRef<ExternalReference>('ExternalReference').implement({
  description: 'A key of the customer in another system.',
  fields: (t) => ({
    reference: t.exposeString('reference', { description: 'The key.' }),
    name: t.exposeString('name', { nullable: true, description: 'The system it comes from, such as `CRM`.' }),
  }),
});

builder.inputType('ExternalReferenceInput', {
  description: 'A key of the customer in another system.',
  fields: (t) => ({
    reference: t.string({ required: true, description: 'The key, 1–500 characters.' }),
    name: t.string({
      description: 'The system it comes from, such as `CRM`; an upsert without it keeps the name there is.',
    }),
  }),
});

const { externalReferences, ...columnFields } = co2CustomerFields;

const Co2Customer = builder.prismaObject('Co2Customer', {
  description: 'A climate customer profile.',
  interfaces: [Node],
  ...asEntity({ type: 'Co2Customer', idField: 'customerId', read: readCustomers }),
  select: { tenantId: true, id: true },
  fields: (t) => ({
    ...idFields(t, 'Co2Customer', 'customerId'),
    ...tenantField(t),
    ...outputFields(t, columnFields),
    externalReferences: t.field({
      type: [ExternalReferenceType],
      description: externalReferences.description,
      ...costs({ list: { assumedSize: 10 } }), // of 100 at most; a customer has one for each system that knows it
      select: { externalReferences: { orderBy: { position: 'asc' }, select: { reference: true, name: true } } },
      resolve: (customer) => customer.externalReferences,
    }),
    company: t.relation('company', {
      nullable: true,
      description: 'The company that the customer belongs to; `null` for none.',
    }),
    ...outputFields(t, stampFields),
  }),
});

/** The one read of several customers: `query` has Prisma's select, order and limits, `where` all but the tenant. */
function readCustomers({ db, viewer }: Context, where: Where, query: object): Promise<{ id: string }[]> {
  return db.co2Customer.findMany({ ...query, where: { ...where, tenantId: viewer.tenantId } });
}

joinNodes('Co2Customer', (ids, context, info) =>
  readCustomers(context, { id: { in: ids } }, queryFromInfo({ context, info, typeName: 'Co2Customer' })),
);

// ── reads ──

const Co2CustomerKey = builder.inputRef<Co2CustomerKeyInput>('Co2CustomerKey').implement({
  description: 'Exactly one key that names a customer.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global ID or bare UUID.' }),
    externalReference: t.string({ description: 'A key in another system.' }),
    organizationNumber: t.string({ description: 'Without regard to case, spaces and hyphens.' }),
    email: t.string({ description: 'Without regard to case.' }),
  }),
});

builder.queryField('co2Customer', (t) =>
  t.prismaField({
    type: Co2Customer,
    nullable: true,
    description: 'The customer with this key; `null` when there is none.',
    args: { by: t.arg({ type: Co2CustomerKey, required: true, description: 'Which customer.' }) },
    resolve: (query, _, { by }, { db, viewer }) =>
      db.co2Customer.findFirst({ ...query, where: { ...co2CustomerKey(by).where, tenantId: viewer.tenantId } }),
  }),
);

const listTypes = defineList(
  {
    name: 'co2Customers',
    type: Co2Customer,
    typeName: 'Co2Customer',
    filter: defineFilter('Co2CustomerFilter', 'Which customers.', {
      id: filterBy.id('id', 'Co2Customer', 'By ID.'),
      email: filterBy.text('email', 'By e-mail address, as it was given.'),
      businessName: filterBy.optionalText('businessName', 'By business name.'),
      organizationNumber: filterBy.optionalText('organizationNumber', 'By organization number, as it was given.'),
      externalReference: filterBy.relatedText(
        'externalReferences',
        'reference',
        'By the keys in other systems: one of them fits.',
      ),
      customerType: filterBy.value('customerType', CustomerType, 'By type.'),
      accumulationPeriodIn: filterBy.among('accumulationPeriod', AccumulationPeriod, 'By one of these periods.'),
      companyId: filterBy.optionalId('companyId', 'Company', 'By company.'),
      createdAt: filterBy.instant('createdAt', 'By creation.'),
      updatedAt: filterBy.optionalInstant('updatedAt', 'By last change.'),
    }),
    orders: {
      EMAIL: { column: 'email', kind: 'text', description: 'By e-mail address, in the order of its characters.' },
      BUSINESS_NAME: { column: 'businessName', kind: 'text', nullable: true, description: 'By business name.' },
      CREATED_AT: { column: 'createdAt', kind: 'instant', description: 'By creation.' },
      UPDATED_AT: { column: 'updatedAt', kind: 'instant', nullable: true, description: 'By last change.' },
    },
    defaultOrder: { field: 'CREATED_AT', direction: 'ASC' },
    read: readCustomers,
    count: ({ db, viewer }, where) => db.co2Customer.count({ where: { ...where, tenantId: viewer.tenantId } }),
  },
  'The customers of your tenant.',
);

builder.prismaObjectField('Company', 'co2Customers', (t) =>
  relatedList(t, {
    name: 'co2Customers',
    parentType: 'Company',
    itemType: 'Co2Customer',
    types: listTypes,
    description: 'The climate customers that belong to the company.',
    async count({ db, viewer: { tenantId } }, companyIds) {
      const where = { tenantId, companyId: { in: [...companyIds] } };
      const groups = await db.co2Customer.groupBy({ by: ['companyId'], where, _count: true });
      return new Map(groups.map(({ companyId, _count }) => [companyId ?? '', _count]));
    },
  }),
);

// ── writes ──

defineWrites({
  names: { type: 'Co2Customer', plural: 'Co2Customers', field: 'co2Customer', noun: 'customer' },
  record: Co2Customer,
  operations: customers,
  by: { input: Co2CustomerKey, parse: co2CustomerKey },
  upsert: inputFor('upsert', 'UpsertCo2CustomerInput', co2CustomerFields, {
    idField: { name: 'customerId', description: 'The UUID of a customer, or one of your own for a new one.' },
    description:
      'Creates the profile, or updates the one it matches: by `customerId`, then any external reference, then organization number, then e-mail. Keys that hit different profiles are a conflict. References are added, never removed.',
  }),
  patch: inputFor('patch', 'Co2CustomerPatch', co2CustomerFields),
  delete: {
    description: 'Deletes a profile with its references. Its contracts lose the link and stay.',
  },
});
