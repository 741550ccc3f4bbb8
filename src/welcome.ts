/** What a person sees when the server has started. */

export type Started = {
  host: string;
  port: number;
  /** Of the listener for load balancers. */
  adminPort: number | undefined;
  /** Of the GraphQL endpoint. */
  path: string;
  graphiql: boolean;
  embeddedFolder: string | undefined;
  /** Of the first demo tenant, while the development key is in use. */
  token: string | undefined;
};

/** The text for the terminal: where to look, and while the development key counts, a token and a request that works. */
export function welcome({ host, port, adminPort, path, graphiql, embeddedFolder, token }: Started): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${reachable}:${port}${path}`;
  const lines = ['', `Carbon gateway is listening on ${url}`, ''];
  if (graphiql) lines.push(`  Explore it in a browser:  ${url}`, '');
  if (token !== undefined) {
    lines.push(
      '  A token of a demo tenant, good for an hour:',
      '',
      token,
      '',
      '  Ask the first question:',
      '',
      curl(url, token),
      '',
    );
    lines.push('  Another token: npm run --silent token -- --tenant <uuid>');
  }
  if (adminPort !== undefined) lines.push(`  For load balancers: http://${reachable}:${adminPort}/readyz`);
  if (embeddedFolder !== undefined) lines.push(`  Embedded PostgreSQL: ${embeddedFolder}`);
  return `${lines.join('\n')}\n\n`;
}

function curl(url: string, token: string): string {
  const query = '{ companies(first: 3) { totalCount nodes { name country totalEmissions carbonReadinessScore } } }';
  return `curl -s ${url} -H 'content-type: application/json' -H 'authorization: Bearer ${token}' -d '${JSON.stringify({ query })}'`;
}
