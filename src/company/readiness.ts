/**
 * The carbon readiness score: how much of what a carbon profile needs is there. A pure function of the profile, in integer
 * points of 100, because 0.1 + 0.2 + 0.3 is not 0.6. The weights are those that the Companies API documents. The database
 * computes the same score in the generated column `carbon_readiness_score`, for filters and orders.
 */

/** What is scored; `carbonProfileCompleted` and `hasCarbonBaseline` are statements, and never are. */
export type CarbonProfile = {
  scope1Emissions: number | null;
  scope2Emissions: number | null;
  scope3Emissions: number | null;
  scope3Categories: readonly unknown[];
  reductionTargetPercent: number | null;
  reductionTargetYear: number | null;
  netZeroTargetYear: number | null;
  certifications: readonly string[];
};

export type CriterionName = 'BASELINE' | 'SCOPE_3' | 'REDUCTION_TARGET' | 'NET_ZERO_TARGET' | 'CERTIFICATIONS';

export type Criterion = {
  criterion: CriterionName;
  /** Points that can be earned, and points earned, of 100. */
  weight: number;
  earned: number;
  /** The fields to fill in to earn the rest. */
  missing: readonly string[];
  /** What a person can do next; `null` when all is earned. */
  nextStep: string | null;
};

export type Readiness = { points: number; criteria: readonly Criterion[] };

/** Judges the five criteria, always all and in this order; a value of 0 is known. */
export function readiness(profile: CarbonProfile): Readiness {
  const criteria = [
    baseline(profile),
    scope3(profile),
    reductionTarget(profile),
    netZeroTarget(profile),
    certifications(profile),
  ];
  return { points: criteria.reduce((sum, { earned }) => sum + earned, 0), criteria };
}

function baseline({ scope1Emissions, scope2Emissions }: CarbonProfile): Criterion {
  const missing = unknownAmong({ scope1Emissions, scope2Emissions });
  return allOrNothing(
    'BASELINE',
    30,
    missing,
    `Measure a year of emissions and fill in ${missing.join(' and ')}, in tCO₂e.`,
  );
}

function scope3({ scope3Emissions, scope3Categories }: CarbonProfile): Criterion {
  const missing =
    scope3Emissions !== null || scope3Categories.length > 0 ? [] : ['scope3Emissions', 'scope3Categories'];
  return allOrNothing('SCOPE_3', 15, missing, 'Fill in scope3Emissions, or at least one entry of scope3Categories.');
}

function reductionTarget({ reductionTargetPercent, reductionTargetYear }: CarbonProfile): Criterion {
  const percent = reductionTargetPercent === 0 ? null : reductionTargetPercent;
  const missing = unknownAmong({ reductionTargetPercent: percent, reductionTargetYear });
  return allOrNothing(
    'REDUCTION_TARGET',
    20,
    missing,
    `Set a target above 0 % with its year: fill in ${missing.join(' and ')}.`,
  );
}

function netZeroTarget({ netZeroTargetYear }: CarbonProfile): Criterion {
  return allOrNothing(
    'NET_ZERO_TARGET',
    15,
    unknownAmong({ netZeroTargetYear }),
    'Commit to a year of net-zero emissions: fill in netZeroTargetYear.',
  );
}

const POINTS_FOR_EACH_CERTIFICATION = 5;

function certifications(profile: CarbonProfile): Criterion {
  const weight = 20;
  const earned = Math.min(new Set(profile.certifications).size * POINTS_FOR_EACH_CERTIFICATION, weight);
  const short = (weight - earned) / POINTS_FOR_EACH_CERTIFICATION;
  const nextStep = `Earn ${short} more recognised certification${short === 1 ? '' : 's'} and add ${short === 1 ? 'it' : 'them'} to certifications.`;
  return { criterion: 'CERTIFICATIONS', weight, earned, ...open(short > 0 ? ['certifications'] : [], nextStep) };
}

function allOrNothing(criterion: CriterionName, weight: number, missing: string[], nextStep: string): Criterion {
  return { criterion, weight, earned: missing.length === 0 ? weight : 0, ...open(missing, nextStep) };
}

function open(missing: readonly string[], nextStep: string): Pick<Criterion, 'missing' | 'nextStep'> {
  return { missing, nextStep: missing.length === 0 ? null : nextStep };
}

function unknownAmong(fields: Record<string, unknown>): string[] {
  return Object.keys(fields).filter((name) => fields[name] === null);
}
