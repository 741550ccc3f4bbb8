/** The terms of a tenant: one record that its administrator changes. */
import type { TenantDatabase } from '../database/client.ts';
import { Refusal, refuseIfAny, StaleVersionError } from '../errors.ts';
import type { CompensationTerms } from '../generated/prisma/client.ts';
import { changes, type Input, parseFields, withInitialValues } from '../write/fields.ts';
import { lock } from '../write/locks.ts';
import { stamp } from '../write/record.ts';
import { type CompensationTermsValues, compensationTermsFields } from './input.ts';

/**
 * Changes the fields given, and makes the terms when there are none, which then count as version 0 for `ifVersion`. A patch
 * that changes nothing writes nothing.
 *
 * @throws Refusal with every problem of the patch, or with StaleVersionError.
 */
export async function patchCompensationTerms(
  { db }: { db: TenantDatabase },
  patch: Input,
  ifVersion?: number | null,
): Promise<CompensationTerms> {
  const { values, problems } = parseFields(compensationTermsFields, patch, ['patch']);
  return db.transaction(async (transaction) => {
    const { compensationTerms, tenantId } = transaction;
    await lock(transaction, 'CompensationTerms', ['']);
    const terms = await compensationTerms.findFirst({ where: { tenantId } });
    const version = terms?.version ?? 0;
    if (ifVersion != null && ifVersion !== version) {
      const message = `The terms are at version ${version}: read them again and repeat your change on what you find.`;
      throw new Refusal([new StaleVersionError(['ifVersion'], message, version)]);
    }
    refuseIfAny(problems);
    if (terms === null) {
      return compensationTerms.create({ data: { tenantId, ...withInitialValues(compensationTermsFields, values) } });
    }
    const changed = changes(terms as CompensationTermsValues, values);
    if (Object.keys(changed).length === 0) return terms;
    return compensationTerms.update({
      where: { tenantId },
      data: { ...changed, ...stamp() },
    });
  });
}
