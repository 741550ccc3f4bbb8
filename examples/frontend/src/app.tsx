import { useState } from 'react';
import { CompanyDrawer } from './company-drawer.tsx';
import { CompanyList } from './company-list.tsx';
import { type Filter, Filters, NO_FILTER } from './filters.tsx';
import { Legend } from './readiness.tsx';

export function App() {
  const [filter, setFilter] = useState(NO_FILTER);
  const [pages, setPages] = useState(1);
  const [opened, setOpened] = useState<string>();

  const changeFilter = (changed: Filter) => {
    setFilter(changed);
    setPages(1);
  };
  return (
    <>
      <header className="masthead">
        <p className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" /> Carbon gateway
        </p>
        <h1>How ready is each company for a world that counts carbon?</h1>
        <p className="lead">
          Five things make a carbon profile. Each ring shows which of them are there; open a company to fill in the
          rest.
        </p>
        <Legend />
      </header>
      <main>
        <Filters filter={filter} onChange={changeFilter} />
        <CompanyList filter={filter} pages={pages} onMore={() => setPages(pages + 1)} onOpen={setOpened} />
      </main>
      {opened && <CompanyDrawer key={opened} id={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
