/** Directives of a schema made in code: an element says its own in the extension `directives`, from where graphql-tools prints. */

/** The arguments of each directive, once for each time that it is there. */
export type Directives = Readonly<Record<string, readonly object[]>>;

type Extended = { readonly extensions?: Readonly<Record<string, unknown>> | null };

/** The element's configuration with these directives, before those that it has. */
export function withDirectives<Config extends Extended>(config: Config, directives: Directives): Config {
  const own = (config.extensions?.directives ?? {}) as Directives;
  const names = new Set([...Object.keys(directives), ...Object.keys(own)]);
  const merged = [...names].map((name) => [name, [...(directives[name] ?? []), ...(own[name] ?? [])]]);
  return { ...config, extensions: { ...config.extensions, directives: Object.fromEntries(merged) } };
}
