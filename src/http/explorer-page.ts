/** The explorer's one page: HTML without inline script, the script that starts GraphiQL, and the first query. */
import type { ExplorerAssets } from './explorer-assets.ts';

const TITLE = 'Carbon gateway';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28"><rect width="32" height="32" rx="7" fill="#0f766e"/><path d="M25 7c-11 0-17 4-17 11 0 2 .6 3.600 1.600 4.800C11.500 18 15 14.500 20 12.500c-4 3-7 6.500-8.500 11.500 1 .4 2 .5 3.200.5C22 24.500 25 17 25 7z" fill="#fff"/></svg>`;

/**
 * Only what this server sends may run or be asked. Styles written by script are allowed because GraphiQL's editor
 * (Monaco) lays itself out with them; its icons and fonts are `data:` addresses in its style sheet.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page may hold a token, so that nobody keeps, frames or embeds it. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * The page's own script. It must run before GraphiQL's, which reads `MonacoEnvironment` when it loads, and starts
 * GraphiQL after it: deferred scripts run in their order, before DOMContentLoaded.
 *
 * GraphiQL keeps tabs in localStorage under names that every GraphiQL uses, and localhost:4000 is where many live. The
 * prefix keeps another product's queries, and headers kept with them, from opening here.
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

document.addEventListener('DOMContentLoaded', () => {
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), { ...graphiql, storage });
});
`;

/** The page that sends its queries to `endpoint`; with a token, the headers of every new tab hold it. */
export function renderExplorerPage(endpoint: string, urls: ExplorerAssets['urls'], token: string | undefined): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${TITLE}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}">
<link rel="stylesheet" href="${urls['graphiql.css']}">
<script type="application/json" id="settings">${embedJson(pageSettings(endpoint, urls, token))}</script>
<script defer src="${urls['start.js']}"></script>
<script defer src="${urls['graphiql.js']}"></script>
</head>
<body class="no-focus-outline">
<noscript>The explorer needs JavaScript. The API does not: send a POST with a JSON body here.</noscript>
<div id="root"><p style="margin: 1rem; font: 1rem system-ui">Loading the explorer …</p></div>
</body>
</html>
`;
}

/**
 * What GraphiQL is started with. `initialHeaders` wins over headers kept in the browser, an empty one too, and
 * `shouldPersistHeaders: false` keeps none: a page view always starts with the token it came with, and no token
 * outlives it.
 */
function pageSettings(endpoint: string, urls: ExplorerAssets['urls'], token: string | undefined) {
  const headers = token === undefined ? '' : JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2);
  return {
    graphiql: {
      endpoint,
      title: TITLE,
      logo: LOGO,
      defaultQuery: `${token === undefined ? BRING_A_TOKEN : TOKEN_IS_THERE}\n${FIRST_QUERY}`,
      initialHeaders: headers,
      defaultHeaders: headers,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: 'headers',
    },
    workers: {
      editorWorkerService: urls['editor.worker.js'],
      json: urls['json.worker.js'],
      graphql: urls['graphql.worker.js'],
    },
  };
}

/** JSON that stays inside its script element whatever it says, and is a JavaScript literal as well. */
function embedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// Lines of at most 51 characters: what the query pane shows in a window of 1280 pixels.
const TOKEN_IS_THERE = `# ${TITLE}: your tenant's carbon profiles.
#
# The Headers pane below has a token: press Run
# (Ctrl-Enter). For another tenant, run
#   npm run --silent token -- --tenant <uuid>
# and put it there, {"Authorization": "Bearer …"}
`;

const BRING_A_TOKEN = `# ${TITLE}: your tenant's carbon profiles.
#
# Every request needs a token. In development, run
#   npm run --silent token -- --tenant <uuid>
# and put it into the Headers pane below:
#   {"Authorization": "Bearer …"}
# Then press Run (Ctrl-Enter). The circling arrows,
# below left, fetch documentation and completion.
`;

const FIRST_QUERY = `query FirstLook {
  viewer {
    tenantId
    subject
    scopes
    tokenExpiresAt
  }
  companies(first: 5) {
    totalCount
    nodes {
      name
      country
      totalEmissions
      carbonReadinessScore
    }
  }
}`;
