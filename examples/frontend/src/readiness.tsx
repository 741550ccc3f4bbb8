/** The readiness score as a picture: a ring of five arcs, as long as their weights and as full as what they earn. */
import type { ReadinessCriterionName } from './gql/graphql.ts';

export type Criterion = {
  criterion: ReadinessCriterionName;
  weight: number;
  earned: number;
  missing: string[];
  nextStep?: string | null;
};

export const CRITERIA: Record<ReadinessCriterionName, string> = {
  BASELINE: 'Baseline',
  SCOPE_3: 'Scope 3',
  REDUCTION_TARGET: 'Reduction target',
  NET_ZERO_TARGET: 'Net-zero target',
  CERTIFICATIONS: 'Certifications',
};

const percent = (share: number) => Math.round(share * 100);
const GAP = 2;

export function Ring({ criteria }: { criteria: readonly Criterion[] }) {
  const score = percent(criteria.reduce((sum, { earned }) => sum + earned, 0));
  const parts = criteria.map(
    ({ criterion, weight, earned }) => `${CRITERIA[criterion]} ${percent(earned)} of ${percent(weight)}`,
  );
  return (
    <svg className="ring" viewBox="0 0 100 100" role="img" aria-label={`Readiness ${score} %: ${parts.join(', ')}`}>
      {criteria.map(({ criterion, weight, earned }, index) => {
        const start = percent(criteria.slice(0, index).reduce((sum, before) => sum + before.weight, 0));
        const arc = { className: 'arc', cx: 50, cy: 50, r: 42, pathLength: 100, 'data-criterion': criterion };
        const full = percent(weight) - GAP;
        const filled = (full * earned) / weight;
        return (
          <g key={criterion}>
            <circle {...arc} data-part="missing" strokeDasharray={`${full} 100`} strokeDashoffset={-start} />
            {earned > 0 && (
              <circle {...arc} data-part="earned" strokeDasharray={`${filled} 100`} strokeDashoffset={-start} />
            )}
          </g>
        );
      })}
      <text x="50" y="50">
        {score}
      </text>
    </svg>
  );
}

/** What the colours of the rings mean. */
export function Legend() {
  return (
    <ul className="legend" aria-label="Parts of the readiness">
      {Object.entries(CRITERIA).map(([criterion, label]) => (
        <li key={criterion} data-criterion={criterion}>
          {label}
        </li>
      ))}
    </ul>
  );
}

type BreakdownProps = { criteria: readonly Criterion[]; onMissing: (field: string) => void; labelOf: LabelOf };
type LabelOf = (field: string) => string | undefined;

/** Each criterion with its bar; what is missing leads to its field of the form. */
export function Breakdown({ criteria, onMissing, labelOf }: BreakdownProps) {
  return (
    <ul className="breakdown">
      {criteria.map(({ criterion, weight, earned, missing }) => (
        <li key={criterion} data-criterion={criterion}>
          <span className="criterion">{CRITERIA[criterion]}</span>
          <span className="missing">
            {missing.map((field) => {
              const label = labelOf(field);
              return label && <Missing key={field} label={label} onClick={() => onMissing(field)} />;
            })}
          </span>
          <span className="points">
            {percent(earned)} of {percent(weight)}
          </span>
          <span className="bar" style={{ width: `${percent(weight) * 3}%` }}>
            <span style={{ width: `${(earned / weight) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Missing({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className="quiet" onClick={onClick}>
      Add {label.toLowerCase()}
    </button>
  );
}
