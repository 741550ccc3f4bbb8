/**
 * The page's own script. It must run before GraphiQL's, which reads `MonacoEnvironment` when it loads, and starts
 * GraphiQL after it: deferred scripts run in their order, before DOMContentLoaded.
 *
 * GraphiQL keeps tabs in localStorage under names that every GraphiQL uses, and localhost:4000 is where many live. The
 * prefix keeps another product's queries, and headers kept with them, from opening here.
 *
 * A later visit goes on in the tab where the last one ended. GraphiQL looks for it by its query and variables, which it
 * keeps apart from the tabs and only once they are edited; without help it would open an empty tab instead.
 *
 * GraphiQL writes an edited query into the page's address. Who gets such a link finds it in a tab of its own.
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

const keptTab = () => {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState'));
    return tabs[activeTabIndex];
  } catch {
    return undefined;
  }
};
const kept = keptTab();
const linked = new URLSearchParams(location.search).get('query');
if (kept && (linked === null || linked === kept.query)) {
  graphiql.initialQuery = kept.query ?? '';
  graphiql.initialVariables = kept.variables ?? '';
} else if (linked !== null) {
  graphiql.initialQuery = linked;
  graphiql.initialVariables = '';
  graphiql.defaultTabs.unshift({ query: linked, headers: graphiql.defaultHeaders });
}

document.addEventListener('DOMContentLoaded', () => {
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), { ...graphiql, storage });
});
`;
