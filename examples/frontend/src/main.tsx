import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Client, cacheExchange, fetchExchange, Provider } from 'urql';
import { App } from './app.tsx';
import './style.css';

/**
 * urql's document cache asks again for every list and record on screen once a company was written. That is one more
 * request than a normalised cache needs, and always right: a write may move a company in its list, or out of it.
 */
const client = new Client({ url: '/graphql', exchanges: [cacheExchange, fetchExchange], preferGetMethod: false });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <Provider value={client}>
      <App />
    </Provider>
  </StrictMode>,
);
