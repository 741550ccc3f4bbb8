/** Takes an operation's cost from its tenant's budget before it runs, and tells in headers what it cost and what remains. */
import type { Plugin } from 'graphql-yoga';
import type { CostBudget } from '../budget/cost-budget.ts';
import { httpError } from './http-error.ts';
import { requestState } from './request.ts';

/** Refuses with 429 and `Retry-After` what the budget does not hold. Must come after `useLimits`, which counts the cost. */
export function useCostBudget(budget: CostBudget): Plugin {
  const { points, seconds: window } = budget.allowance;
  return {
    async onExecute({ args }) {
      const state = requestState(args.contextValue);
      if (state.cost === undefined || state.viewer === undefined) return; // no operation fits, as graphql-js will say
      state.spending = await budget.spend(state.viewer.tenantId, state.cost);
      const { accepted, remaining, seconds } = state.spending;
      if (accepted) return;
      const found = `The operation costs ${state.cost} points, and ${remaining} of your tenant's ${points} for ${window} seconds are left`;
      throw httpError(429, 'RATE_LIMITED', `${found}: send it again in ${seconds} s, or ask for less.`, {
        'Retry-After': String(seconds),
      });
    },
    onResponse({ response: { headers }, serverContext }) {
      const { cost, spending } = requestState(serverContext);
      if (cost !== undefined) headers.set('graphql-cost', String(cost));
      if (spending === undefined) return;
      headers.set('ratelimit-policy', `"tenant";q=${points};w=${window}`);
      headers.set('ratelimit', `"tenant";r=${spending.remaining};t=${spending.seconds}`);
    },
  };
}
