/** The readiness score and its criteria in the schema. */
import { builder } from '../builder.ts';
import { costs } from '../field-cost.ts';
import type { Criterion, Readiness } from './readiness.ts';

const ReadinessCriterion = builder.objectRef<Criterion>('ReadinessCriterion').implement({
  description: 'One criterion of the readiness score.',
  fields: (t) => ({
    criterion: t.field({
      type: builder.enumType('ReadinessCriterionName', {
        description: 'What is judged.',
        values: {
          BASELINE: { description: 'Both scope 1 and scope 2 are known: 0.30, or nothing when one is missing.' },
          SCOPE_3: { description: 'Scope 3 is known, as a total or in at least one category: 0.15.' },
          REDUCTION_TARGET: { description: 'A reduction target above 0 % has a year: 0.20.' },
          NET_ZERO_TARGET: { description: 'There is a year of net-zero emissions: 0.15.' },
          CERTIFICATIONS: { description: 'Each recognised certification earns 0.05, up to 0.20.' },
        } as const,
      }),
      description: 'What is judged.',
      resolve: ({ criterion }) => criterion,
    }),
    weight: t.float({
      description: 'The most that can be earned; the weights of all criteria add up to 1.',
      resolve: ({ weight }) => weight / 100,
    }),
    earned: t.float({
      description: 'What the profile earns; the score is the sum.',
      resolve: ({ earned }) => earned / 100,
    }),
    missing: t.stringList({
      description: 'The fields of `Company` to fill in to earn the rest; empty when all is earned.',
      resolve: ({ missing }) => [...missing],
    }),
    nextStep: t.exposeString('nextStep', {
      nullable: true,
      description: 'What a person can do next; `null` when all is earned.',
    }),
  }),
});

export const CarbonReadiness = builder.objectRef<Readiness>('CarbonReadiness').implement({
  description: 'How complete the carbon profile is, and why.',
  fields: (t) => ({
    score: t.float({ description: '0–1, the sum of what the criteria earn.', resolve: ({ points }) => points / 100 }),
    criteria: t.field({
      type: [ReadinessCriterion],
      ...costs({ list: { assumedSize: 5 } }),
      description: 'Always all five, in this order.',
      resolve: ({ criteria }) => [...criteria],
    }),
  }),
});
