/** What an administrator may write of a tenant's compensation terms. */
import { optional, type Values } from '../write/fields.ts';
import { currency, decimal, oneOf, wholeNumber } from '../write/rules.ts';

export const MASS_UNITS = { KG: 'Kilogram.', TONNE: 'Metric ton, 1,000 kg.' } as const;

export const compensationTermsFields = {
  priceContractId: optional(
    'Int',
    wholeNumber(0),
    'The price contract that holds for all compensation; `null` when none is set.',
  ),
  templateContractId: optional(
    'Int',
    wholeNumber(0),
    'The contract that new ones are modelled on; `null` when none is set.',
  ),
  unitPrice: optional('Float', decimal(0), 'Price in major currency units per `unit`; `null` when none is set.'),
  currencyId: optional('Currency', currency, 'Currency of `unitPrice`.'),
  unit: optional('MassUnit', oneOf(MASS_UNITS), 'The mass of CO₂ that `unitPrice` is for.'),
};

export type CompensationTermsValues = Values<typeof compensationTermsFields>;
