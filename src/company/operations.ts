/** Writes to companies: what is theirs alone; how a write goes is `write/operations.ts`. */
import { unlinkCustomers } from '../co2-customer/operations.ts';
import { unlinkContracts } from '../energy-contract/operations.ts';
import type { Company } from '../generated/prisma/client.ts';
import { RecordOperations } from '../write/operations.ts';
import { type CompanyValues, companyFields, companyWarnings } from './input.ts';
import { companyKeys } from './keys.ts';

/** A company's row. The database gives JSON columns back as anything; `input.ts` alone decides what goes in. */
export type CompanyRow = Omit<Company, keyof CompanyValues> & CompanyValues;

/** Create, upsert, patch and delete companies. What belongs to other services stays with them. */
export const companies = new RecordOperations<typeof companyFields, CompanyRow>({
  name: 'Company',
  noun: 'company',
  idField: 'companyId',
  fields: companyFields,
  keys: companyKeys,
  warnings: companyWarnings,
  values: (company) => company,
  find: (transaction, where) =>
    rows(transaction.company.findMany({ where: { ...where, tenantId: transaction.tenantId }, orderBy: { id: 'asc' } })),
  create: ({ company, tenantId }, id, values) => row(company.create({ data: { ...values, id, tenantId } })),
  update: ({ company, tenantId }, { id }, changed, stamp) =>
    row(company.update({ where: { tenantId_id: { tenantId, id } }, data: { ...changed, ...stamp } })),
  async delete(transaction, { id }) {
    const { company, tenantId } = transaction;
    await unlinkCustomers(transaction, id);
    await unlinkContracts(transaction, { companyId: id });
    await company.delete({ where: { tenantId_id: { tenantId, id } } });
  },
});

const row = (company: Promise<Company>) => company as Promise<CompanyRow>;
const rows = (found: Promise<Company[]>) => found as Promise<CompanyRow[]>;
