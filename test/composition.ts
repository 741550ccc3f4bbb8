/** The three composers that registries use, with one answer. */
import { composeServices as composeByApollo } from '@apollo/composition';
import { composeServices as composeByTheGuild } from '@theguild/federation-composition';
import { federateSubgraphs, LATEST_ROUTER_COMPATIBILITY_VERSION } from '@wundergraph/composition';
import { type DocumentNode, parse } from 'graphql';

export type Subgraph = { name: string; url: string; sdl: string };

/** `supergraph` is what a router runs on; `problems` are errors, warnings and hints. */
export type Composed = { supergraph: DocumentNode | undefined; problems: string[] };

const services = (subgraphs: readonly Subgraph[]) =>
  subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
const messages = (problems: readonly { message: string }[] = []) => problems.map(({ message }) => message);

/** By the product that composes so: Apollo's rover, The Guild's hive, WunderGraph's wgc. */
export const COMPOSERS = {
  rover(subgraphs) {
    const { supergraphSdl, errors, hints } = composeByApollo(services(subgraphs));
    return result(supergraphSdl, [...messages(errors), ...messages(hints)]);
  },
  hive(subgraphs) {
    const { supergraphSdl, ...rest } = composeByTheGuild(services(subgraphs));
    return result(supergraphSdl, 'errors' in rest ? messages(rest.errors) : []);
  },
  wgc(subgraphs) {
    const composed = federateSubgraphs({
      subgraphs: subgraphs.map(({ name, url, sdl }) => ({ name, url, definitions: parse(sdl) })),
      version: LATEST_ROUTER_COMPATIBILITY_VERSION,
    });
    const warnings = messages(composed.warnings);
    return composed.success
      ? { supergraph: composed.federatedGraphAST, problems: warnings }
      : { supergraph: undefined, problems: [...messages(composed.errors), ...warnings] };
  },
} satisfies Record<string, (subgraphs: readonly Subgraph[]) => Composed>;

function result(sdl: string | undefined, problems: string[]): Composed {
  return { supergraph: sdl === undefined ? undefined : parse(sdl), problems };
}
