/** The explorer's one page: HTML without inline script, and what GraphiQL is started with. */
import type { ExplorerAssets } from './explorer-assets.ts';
import type { Example } from './explorer-content.ts';
import { LOGO } from './explorer-look.ts';

const TITLE = 'Carbon gateway';

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

export type ExplorerPage = {
  /** Where queries go. */
  endpoint: string;
  urls: ExplorerAssets['urls'];
  /** One tab each. */
  examples: readonly Example[];
  /** In the headers of every tab, the new ones too. */
  token: string | undefined;
};

/** The page as HTML. It may hold a token: send it with `PAGE_HEADERS`. */
export function renderExplorerPage(page: ExplorerPage): string {
  const { urls, token } = page;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${TITLE}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(LOGO)}">
<link rel="stylesheet" href="${urls['graphiql.css']}">
<link rel="stylesheet" href="${urls['look.css']}">
<script type="application/json" id="settings">${embedJson(pageSettings(page))}</script>
<script defer src="${urls['start.js']}"></script>
<script defer src="${urls['graphiql.js']}"></script>
</head>
<body class="no-focus-outline">
<header>
${LOGO}
<h1>${TITLE}</h1>
<p>${token === undefined ? 'Every tab is an example. The first one says how to get a token.' : 'Every tab is an example: press <kbd>Ctrl</kbd> <kbd>Enter</kbd> to run it.'}</p>
<nav>
<a href="${urls['README.md']}" target="_blank" rel="noopener">Guide</a>
<a href="${urls['schema.graphql']}" target="_blank" rel="noopener">Schema</a>
</nav>
</header>
<noscript>The explorer needs JavaScript. The API does not: send a POST with a JSON body here.</noscript>
<main id="root"><p>Loading the explorer …</p></main>
</body>
</html>
`;
}

/**
 * What GraphiQL is started with. `initialHeaders` wins over headers kept in the browser, an empty one too, and
 * `shouldPersistHeaders: false` keeps none: a page view always starts with the token it came with, and no token
 * outlives it.
 */
function pageSettings({ endpoint, urls, examples, token }: ExplorerPage) {
  const headers = token === undefined ? '' : JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2);
  const welcome = token === undefined ? BRING_A_TOKEN : TOKEN_IS_THERE;
  const tabs = examples.map(({ document, variables = '' }) => ({ query: document, variables, headers }));
  const [first, ...others] = tabs;
  return {
    graphiql: {
      endpoint,
      // The page's own header has both.
      title: '',
      logo: '',
      defaultTabs: first
        ? [{ ...first, query: `${welcome}\n${first.query}` }, ...others]
        : [{ query: welcome, headers }],
      initialHeaders: headers,
      defaultHeaders: headers,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: token === undefined ? 'headers' : 'variables',
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
const TOKEN_IS_THERE = `# Welcome. The Headers pane below has a token of the
# demo tenant: press Run. For another tenant, run
#   npm run --silent token -- --tenant <uuid>
# and put it there, {"Authorization": "Bearer …"}
`;

const BRING_A_TOKEN = `# Welcome. Every request needs a token: ask your
# identity provider for one, or in development run
#   npm run --silent token -- --tenant <uuid>
# Put it into the Headers pane below,
#   {"Authorization": "Bearer …"}
# and press Run. The circling arrows, below left,
# then fetch documentation and completion.
`;
