/** What makes the explorer this product's: its mark, its colours, and a header above GraphiQL, light and dark. */

export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28"><rect width="32" height="32" rx="7" fill="#0f766e"/><path d="M25 7c-11 0-17 4-17 11 0 2 .6 3.600 1.600 4.800C11.500 18 15 14.500 20 12.500c-4 3-7 6.500-8.500 11.500 1 .4 2 .5 3.200.5C22 24.500 25 17 25 7z" fill="#fff"/></svg>`;

/** GraphiQL marks the body with the theme that a visitor chose, and with none while it follows the system. */
export const LOOK = `:root { color-scheme: light dark; }
:root:has(body.graphiql-light) { color-scheme: light; }
:root:has(body.graphiql-dark) { color-scheme: dark; }

body {
  display: flex;
  flex-direction: column;
  height: 100vh;
  margin: 0;
  background: light-dark(hsl(219 28% 100%), hsl(219 29% 18%));
  color: light-dark(hsl(219 28% 32%), hsl(219 29% 78%));
}

header {
  display: flex;
  align-items: center;
  gap: 12px;
  padding: 10px 16px;
  border-bottom: 1px solid light-dark(hsl(219 28% 32% / 0.12), hsl(219 29% 78% / 0.12));
  font: 14px/1.4 system-ui, sans-serif;
  white-space: nowrap;
}
header svg { flex: none; }
header h1 { margin: 0; font-size: 16px; font-weight: 650; color: light-dark(hsl(219 28% 18%), #fff); }
header p { margin: 0 auto 0 4px; overflow: hidden; text-overflow: ellipsis; }
header kbd {
  padding: 1px 5px;
  border: 1px solid light-dark(hsl(219 28% 32% / 0.3), hsl(219 29% 78% / 0.3));
  border-radius: 4px;
  font: 12px system-ui, sans-serif;
}
header nav { display: flex; gap: 4px; }
header a { padding: 4px 10px; border-radius: 6px; color: light-dark(#0f766e, #2dd4bf); font-weight: 600; text-decoration: none; }
header a:hover, header a:focus-visible { background: light-dark(rgb(15 118 110 / 0.1), rgb(45 212 191 / 0.15)); }
@media (max-width: 640px) { header p { visibility: hidden; } }

#root { flex: 1; min-height: 0; }
#root > p, noscript { margin: 16px; font: 16px system-ui, sans-serif; }
#root .graphiql-container { height: 100%; }
#root .graphiql-logo { display: none; }

body :is(.graphiql-container, .graphiql-dialog, .graphiql-tooltip, [data-radix-popper-content-wrapper]) {
  --color-primary: 175, 77%, 26%;
}
body.graphiql-dark :is(.graphiql-container, .graphiql-dialog, .graphiql-tooltip, [data-radix-popper-content-wrapper]) {
  --color-primary: 172, 60%, 42%;
}
@media (prefers-color-scheme: dark) {
  body:not(.graphiql-light) :is(.graphiql-container, .graphiql-dialog, .graphiql-tooltip, [data-radix-popper-content-wrapper]) {
    --color-primary: 172, 60%, 42%;
  }
}
`;
