/** What a client may write of an energy contract: every field with its rule, and what is odd but accepted. */
import { z } from 'zod';
import { InvalidInputError } from '../errors.ts';
import { link, list, optional, required, type Values } from '../write/fields.ts';
import { currency, decimal, entries, idOf, instant, KEY_LENGTH, oneOf, shortText, uuid } from '../write/rules.ts';
import type { Warning } from '../write/written.ts';

export const CONTRACT_TYPES = {
  SPOT_HOURLY: 'The price follows the spot market by the hour or quarter hour.',
  MONTHLY: 'The price is set each month.',
  YEARLY: 'The price is set each year.',
} as const;

/** Currency per kWh from `timestamp` on; negative prices occur. */
export type EnergyPrice = { timestamp: Date; price: number };

/** A year of quarter hours. */
export const MAX_PRICES = 35_136;

export const energyPrices = entries(z.object({ timestamp: instant, price: decimal(-1e15) }), 'timestamp', MAX_PRICES);

export const energyContractFields = {
  externalId: optional(
    'String',
    shortText(KEY_LENGTH),
    'Key in a system of yours, unique among your contracts. 1–500 characters.',
  ),
  userId: required('UUID', uuid, 'The user whose contract it is; set at creation, never changed.', { fixed: true }),
  energyContractType: optional(
    'EnergyContractType',
    oneOf(CONTRACT_TYPES),
    'How the price is set; `null` when unknown.',
  ),
  energyPrices: {
    ...list<EnergyPrice>(
      'EnergyPriceInput',
      energyPrices,
      'The price series: one entry is a constant price, several vary. Each timestamp once, at most 35,136. Replaces the series there is.',
    ),
    output: undefined,
  },
  buildingId: optional('UUID', uuid, "The building supplied; `null`: all the user's buildings."),
  meterId: optional('String', shortText(19), 'The meter, 1–19 characters in any format.'),
  supplier: optional('String', shortText(100), 'Who supplies the energy, 1–100 characters.'),
  currencyEnergyPrice: optional('Currency', currency, 'Currency of the prices; required once there are prices.'),
  energyPriceIncludesExternalComponents: optional(
    'Boolean',
    z.boolean(),
    '`false`: the wholesale spot price without fees and taxes; `true`: with them; `null`: unknown.',
  ),
  validFrom: optional('DateTime', instant, 'The contract holds from this instant on; `null`: since ever.'),
  validTo: optional(
    'DateTime',
    instant,
    'The contract holds until this instant, exclusive, after `validFrom`; `null`: until further notice.',
  ),
  companyId: link(idOf('Company'), 'The company supplied: its global ID or bare UUID; `null` for none.'),
  co2CustomerId: link(
    idOf('Co2Customer'),
    'The climate customer supplied: its global ID or bare UUID; `null` for none.',
  ),
};

export type EnergyContractValues = Values<typeof energyContractFields>;

/** Rules on several fields, judged on the contract as it would be stored. */
export function contractProblems(
  { validFrom, validTo, currencyEnergyPrice }: EnergyContractValues,
  hasPrices: boolean,
  path: readonly string[],
): InvalidInputError[] {
  const problems: InvalidInputError[] = [];
  if (validFrom != null && validTo != null && validTo <= validFrom) {
    problems.push(new InvalidInputError([...path, 'validTo'], 'Let validTo be after validFrom.'));
  }
  if (hasPrices && currencyEnergyPrice == null) {
    const message = 'Give the currencyEnergyPrice of the prices.';
    problems.push(new InvalidInputError([...path, 'currencyEnergyPrice'], message, { code: 'REQUIRED' }));
  }
  return problems;
}

/** What is odd about a contract as it would be stored, and about the prices that were given with it. */
export function contractWarnings(
  { energyPrices: prices = [], validFrom, validTo }: Partial<EnergyContractValues>,
  path: readonly string[],
): Warning[] {
  const outside = prices.filter(({ timestamp }) => validTo != null && timestamp >= validTo);
  if (outside.length === 0) return [];
  const from = validFrom == null ? '' : ` from ${validFrom.toISOString()}`;
  const message = `${outside.length} of the prices begin after the contract${from} has ended, so they never hold.`;
  return [{ path: [...path, 'energyPrices'], message }];
}
