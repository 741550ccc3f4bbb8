/** The public schema: one import for each folder of types. */
import { builder } from './builder.ts';
import { withAcceptedEnumValues } from './enum-values.ts';
import './viewer-type.ts';
import './node.ts';
import './company/schema.ts';
import './co2-customer/schema.ts';
import './compensation-terms/schema.ts';
import './energy-contract/schema.ts';

export const schema = withAcceptedEnumValues(builder.toSchema());
