/** The public schema: one import for each folder of types. */
import { builder } from './builder.ts';
import { withAcceptedEnumValues } from './enum-values.ts';
import './viewer-type.ts';
import './node.ts';
import './company/schema.ts';

export const schema = withAcceptedEnumValues(builder.toSchema());
