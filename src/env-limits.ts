/** The settings that say how much a request, a tenant and the database may be asked for. */
import type { z } from 'zod';
import type { Allowance } from './budget/cost-budget.ts';
import { wholeNumber } from './env-values.ts';
import type { Limits } from './limits/exceeded.ts';

export const limitVariables = {
  /** A year of quarter-hour prices, which one call may hold, takes 2 MB. */
  MAX_BODY_BYTES: wholeNumber(1_000, 100_000_000).default(3_000_000),
  MAX_DOCUMENT_BYTES: wholeNumber(100, 10_000_000).default(100_000),
  MAX_TOKENS: wholeNumber(10, 100_000).default(1_000),
  MAX_NESTING: wholeNumber(5, 200).default(40),
  MAX_DEPTH: wholeNumber(2, 100).default(10),
  MAX_ALIASES: wholeNumber(0, 10_000).default(15),
  MAX_DIRECTIVES: wholeNumber(0, 10_000).default(5),
  MAX_ROOT_FIELDS: wholeNumber(1, 10_000).default(20),
  MAX_LIST_ITEMS: wholeNumber(1, 10_000).default(250),
  MAX_PAGE_SIZE: wholeNumber(1, 100).default(100),
  MAX_COST: wholeNumber(1, 10_000_000).default(5_000),
  TENANT_POINTS_PER_SECOND: wholeNumber(1, 100_000_000).default(1_000),
  CONNECTION_WAIT_MS: wholeNumber(10, 60_000).default(3_000),
  STATEMENT_TIMEOUT_MS: wholeNumber(10, 600_000).default(5_000),
  REQUEST_TIMEOUT_MS: wholeNumber(10, 600_000).default(15_000),
};

type Variables = z.output<z.ZodObject<typeof limitVariables>>;

export type RequestLimits = Limits & { timeoutMs: number };

/** What one request may ask for, and the milliseconds that its operation may take. */
export function requestLimits(variables: Variables): RequestLimits {
  return {
    bodyBytes: variables.MAX_BODY_BYTES,
    documentBytes: variables.MAX_DOCUMENT_BYTES,
    tokens: variables.MAX_TOKENS,
    nesting: variables.MAX_NESTING,
    depth: variables.MAX_DEPTH,
    aliases: variables.MAX_ALIASES,
    directives: variables.MAX_DIRECTIVES,
    rootFields: variables.MAX_ROOT_FIELDS,
    listItems: variables.MAX_LIST_ITEMS,
    pageSize: variables.MAX_PAGE_SIZE,
    cost: variables.MAX_COST,
    timeoutMs: variables.REQUEST_TIMEOUT_MS,
  };
}

/** Some seconds together, so that a tenant that was quiet may send its dearest requests at once. */
const ALLOWANCE_SECONDS = 10;

/** What a tenant may spend. */
export function allowance({ TENANT_POINTS_PER_SECOND: points }: Variables): Allowance {
  return { points: points * ALLOWANCE_SECONDS, seconds: ALLOWANCE_SECONDS };
}

/** Why the limits contradict each other; `undefined` when they do not. */
export function contradiction(variables: Variables): { name: keyof Variables; accepted: string } | undefined {
  const { points } = allowance(variables);
  if (variables.MAX_COST <= points) return undefined;
  const accepted = `use at most ${points}, which is ${ALLOWANCE_SECONDS} seconds of TENANT_POINTS_PER_SECOND`;
  return { name: 'MAX_COST', accepted };
}
