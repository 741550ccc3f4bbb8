import { type CombinedError, useQuery } from 'urql';
import { countryName } from './countries.ts';
import { type Filter, listArguments } from './filters.tsx';
import { graphql } from './gql/gql.ts';
import type { CompanyPageQuery } from './gql/graphql.ts';
import { CRITERIA, Ring } from './readiness.tsx';

const CompanyPage = graphql(`
  query CompanyPage($first: Int!, $after: String, $filter: CompanyFilter, $orderBy: [CompanyOrder!]) {
    companies(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      nodes {
        id
        name
        country
        city
        totalEmissions
        carbonReadiness { criteria { criterion weight earned missing } }
      }
      pageInfo { endCursor hasNextPage }
    }
  }
`);

const PAGE_SIZE = 5;

type ListProps = { filter: Filter; pages: number; onMore: () => void; onOpen: (id: string) => void };

export function CompanyList(props: ListProps) {
  // The same query as that of the first page below, so it costs no request of its own.
  const [{ data }] = useQuery({ query: CompanyPage, variables: variables(props.filter, null) });
  const count = data?.companies.totalCount;
  return (
    <section aria-labelledby="count">
      <h2 id="count" aria-live="polite">
        {count === undefined ? 'Companies' : count === 1 ? '1 company' : `${count} companies`}
      </h2>
      <ol className="companies">
        <Pages {...props} after={null} />
      </ol>
      {count === 0 && <p className="empty">No company fits. Take a condition away to see more.</p>}
    </section>
  );
}

function variables(filter: Filter, after: string | null) {
  return { first: PAGE_SIZE, after, ...listArguments(filter) };
}

/** A page and those after it. Each begins at the end of the one before, so none repeats or skips a company that moved. */
function Pages({ after, ...list }: ListProps & { after: string | null }) {
  const [{ data, error }, askAgain] = useQuery({ query: CompanyPage, variables: variables(list.filter, after) });
  if (error) return <Failure error={error} onRetry={() => askAgain({ requestPolicy: 'network-only' })} />;
  if (!data) return <li className="waiting">Loading …</li>;
  const { nodes, pageInfo } = data.companies;
  return (
    <>
      {nodes.map((company, index) => (
        <Row key={company.id} company={company} onOpen={list.onOpen} focus={after !== null && index === 0} />
      ))}
      {pageInfo.hasNextPage &&
        (list.pages > 1 ? (
          <Pages {...list} pages={list.pages - 1} after={pageInfo.endCursor ?? null} />
        ) : (
          <li className="more">
            <button type="button" onClick={list.onMore}>
              Show more
            </button>
          </li>
        ))}
    </>
  );
}

type Company = CompanyPageQuery['companies']['nodes'][number];

/** Whoever asked for more reads on at the first new company. */
const takeFocus = (element: HTMLElement | null) => element?.focus();

function Row({ company, onOpen, focus }: { company: Company; onOpen: (id: string) => void; focus: boolean }) {
  const { id, name, country, city, totalEmissions, carbonReadiness } = company;
  const missing = carbonReadiness.criteria.filter(({ earned, weight }) => earned < weight);
  return (
    <li className="company">
      <Ring criteria={carbonReadiness.criteria} />
      <div>
        <h3>
          <button type="button" ref={focus ? takeFocus : undefined} onClick={() => onOpen(id)}>
            {name}
          </button>
        </h3>
        <p className="place">{[city, countryName(country)].filter(Boolean).join(', ')}</p>
      </div>
      <p className="gaps">
        {missing.length === 0 ? 'Complete' : `Open: ${missing.map((part) => CRITERIA[part.criterion]).join(', ')}`}
      </p>
      <p className="emissions">
        {totalEmissions == null ? 'unknown' : <strong>{totalEmissions.toLocaleString('en')}</strong>}
        <span>t CO₂e a year</span>
      </p>
    </li>
  );
}

function Failure({ error, onRetry }: { error: CombinedError; onRetry: () => void }) {
  return (
    <li className="notice" role="alert">
      <p>{error.graphQLErrors[0]?.message ?? 'The gateway does not answer: start it with npm start.'}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </li>
  );
}
