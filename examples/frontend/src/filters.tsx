import { COUNTRIES, countryName } from './countries.ts';
import type { CompanyFilter, CompanyOrder } from './gql/graphql.ts';

export type Filter = { text: string; country: string; readiness: number; order: keyof typeof ORDERS };

const ORDERS = {
  name: { label: 'Name', by: { field: 'NAME', direction: 'ASC' } },
  ready: { label: 'Most ready', by: { field: 'CARBON_READINESS_SCORE', direction: 'DESC' } },
  unready: { label: 'Least ready', by: { field: 'CARBON_READINESS_SCORE', direction: 'ASC' } },
  emissions: { label: 'Most emissions', by: { field: 'TOTAL_EMISSIONS', direction: 'DESC' } },
} satisfies Record<string, { label: string; by: CompanyOrder }>;

export const NO_FILTER: Filter = { text: '', country: '', readiness: 0, order: 'ready' };

/** What the gateway is asked for; a condition that is not set is left out. */
export function listArguments(filter: Filter): { filter: CompanyFilter; orderBy: CompanyOrder[] } {
  const { text, country, readiness, order } = filter;
  return {
    filter: {
      ...(text && { name: { contains: text, ignoreCase: true } }),
      ...(country && { country: { eq: country } }),
      ...(readiness > 0 && { carbonReadinessScore: { gte: readiness / 100 } }),
    },
    orderBy: [ORDERS[order].by],
  };
}

export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const change = (changed: Partial<Filter>) => onChange({ ...filter, ...changed });
  return (
    <search className="filters" aria-label="Filter companies">
      <label>
        Name
        <input type="search" placeholder="any" value={filter.text} onChange={(e) => change({ text: e.target.value })} />
      </label>
      <label>
        Country
        <select value={filter.country} onChange={(e) => change({ country: e.target.value })}>
          <option value="">All countries</option>
          {COUNTRIES.map((code) => (
            <option key={code} value={code}>
              {countryName(code)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Readiness of at least {filter.readiness} %</span>
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          value={filter.readiness}
          onChange={(e) => change({ readiness: e.target.valueAsNumber })}
        />
      </label>
      <label>
        Order
        <select value={filter.order} onChange={(e) => change({ order: e.target.value as Filter['order'] })}>
          {Object.entries(ORDERS).map(([order, { label }]) => (
            <option key={order} value={order}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}
