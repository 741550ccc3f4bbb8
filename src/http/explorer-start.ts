/**
 * The page's own script. It must run before GraphiQL's, which reads `MonacoEnvironment` when it loads, and starts
 * GraphiQL after it: deferred scripts run in their order, before DOMContentLoaded.
 *
 * GraphiQL keeps tabs in localStorage under names that every GraphiQL uses, and localhost:4000 is where many live. The
 * prefix keeps another product's queries, and headers kept with them, from opening here.
 *
 * GraphiQL writes the query into the page's address. Someone who gets such a link finds it in a tab before the examples.
 */
export const START_SCRIPT = `const { graphiql, workers } = JSON.parse(document.getElementById('settings').textContent);

self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workers[label] };

const prefix = 'carbon-gateway/';
const ownKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
const storage = {
  getItem: (key) => localStorage.getItem(prefix + key),
  setItem: (key, value) => localStorage.setItem(prefix + key, value),
  removeItem: (key) => localStorage.removeItem(prefix + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ownKeys().length;
  },
};

const query = new URLSearchParams(location.search).get('query');
if (query !== null) graphiql.defaultTabs.unshift({ query, headers: graphiql.defaultHeaders });

document.addEventListener('DOMContentLoaded', () => {
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), { ...graphiql, storage });
});
`;
