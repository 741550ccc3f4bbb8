/**
 * What an operation costs, before it runs: the most objects that its answer may hold, in the terms of the GraphQL cost
 * specification (https://ibm.github.io/graphql-specs/cost-spec.html) as Apollo's demand control reads it. An object is one
 * point, a scalar none, a mutation ten; a list multiplies what is selected below it by the size asked for. Fields say
 * otherwise in `extensions.cost`.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import type { FieldCost, ListCost } from '../field-cost.ts';
import { fragmentsOf } from './fragments.ts';

type Variables = Readonly<Record<string, unknown>>;

/** Points of the operation, counted with the values that its variables really have. At least one. */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const root = schema.getRootType(operation.operation);
  if (root == null) return 1;
  const counter = new CostCounter(schema, document, withDefaults(operation, variables));
  return Math.max(1, counter.costOf([operation.selectionSet], root));
}

/** What stands at one place of the answer: the field and all nodes of the document that ask for it. */
type Selected = { field: GraphQLField<unknown, unknown>; nodes: [FieldNode, ...FieldNode[]] };

class CostCounter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Variables;

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Variables) {
    this.#schema = schema;
    this.#variables = variables;
    this.#fragments = fragmentsOf(document);
  }

  /** `sizes`: how many items the parent's fields of these names hold. */
  costOf(selectionSets: readonly SelectionSetNode[], parent: GraphQLNamedType, sizes?: Sizes): number {
    let cost = 0;
    for (const { field, nodes } of this.#select(selectionSets, parent).values()) {
      cost += this.#fieldCost(field, nodes, parent, sizes?.get(field.name));
    }
    return cost;
  }

  #fieldCost(field: Selected['field'], nodes: Selected['nodes'], parent: GraphQLNamedType, sizeHere = 1): number {
    if (field === SchemaMetaFieldDef || field === TypeMetaFieldDef) return INTROSPECTION_COST;
    const { weight, list } = (field.extensions.cost ?? {}) as FieldCost;
    const type = getNamedType(field.type);
    const own = weight ?? (parent === this.#schema.getMutationType() ? 10 : isCompositeType(type) ? 1 : 0);
    const size = list === undefined ? 1 : this.#size(nodes[0], field, list);
    const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (list?.sizedFields === undefined) return sizeHere * size * (own + this.costOf(below, type));
    const sizes = new Map(list.sizedFields.map((name) => [name, size]));
    // Each item that is sent is a write, whether or not its result is asked for.
    const writes = parent === this.#schema.getMutationType() ? size : 1;
    return sizeHere * (writes * own + this.costOf(below, type, sizes));
  }

  #size({ arguments: given = [] }: FieldNode, field: Selected['field'], list: ListCost): number {
    const asked = (list.slicingArguments ?? []).flatMap((name) => {
      const node = given.find((argument) => argument.name.value === name);
      const value = node
        ? literalValue(node.value, this.#variables)
        : field.args.find((argument) => argument.name === name)?.defaultValue;
      if (Array.isArray(value)) return [value.length];
      return typeof value === 'number' ? [value] : [];
    });
    const size = asked.length === 0 ? list.assumedSize : Math.max(...asked);
    return Math.max(1, Math.min(size, list.maximum ?? size));
  }

  /** As the executor collects fields: one answer for all nodes with the same key, and none for what is skipped. */
  #select(selectionSets: readonly SelectionSetNode[], parent: GraphQLNamedType): Map<string, Selected> {
    const selected = new Map<string, Selected>();
    const spread = new Set<string>();
    const collect = ({ selections }: SelectionSetNode, type: GraphQLNamedType): void => {
      for (const selection of selections) {
        if (this.#isSkipped(selection)) continue;
        if (selection.kind === Kind.FIELD) this.#add(selected, selection, type);
        else if (selection.kind === Kind.INLINE_FRAGMENT)
          collect(selection.selectionSet, this.#typeOf(selection.typeCondition?.name.value, type));
        else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = this.#fragments.get(selection.name.value);
          if (fragment) collect(fragment.selectionSet, this.#typeOf(fragment.typeCondition.name.value, type));
        }
      }
    };
    for (const selectionSet of selectionSets) collect(selectionSet, parent);
    return selected;
  }

  #typeOf(name: string | undefined, otherwise: GraphQLNamedType): GraphQLNamedType {
    return (name === undefined ? undefined : this.#schema.getType(name)) ?? otherwise;
  }

  #add(selected: Map<string, Selected>, node: FieldNode, type: GraphQLNamedType): void {
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    const field = type.getFields()[node.name.value] ?? META_FIELDS.get(node.name.value);
    if (field === undefined) return;
    const key = `${type.name}.${(node.alias ?? node.name).value}`;
    const known = selected.get(key);
    if (known === undefined) selected.set(key, { field, nodes: [node] });
    else known.nodes.push(node);
  }

  #isSkipped({ directives = [] }: { readonly directives?: FieldNode['directives'] }): boolean {
    return directives.some(({ name, arguments: [condition] = [] }) => {
      const value = condition && literalValue(condition.value, this.#variables);
      return (name.value === 'skip' && value === true) || (name.value === 'include' && value === false);
    });
  }
}

/** The schema is an answer of its own size, whatever is asked of it; `__typename` is a scalar as any other. */
const INTROSPECTION_COST = 100;
const META_FIELDS: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]),
);

type Sizes = ReadonlyMap<string, number>;

/** Absent variables have the default that the operation gives them. */
function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, literalValue(defaultValue, {})]],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

/** A number, a boolean, or a list for its length; nothing else counts. */
function literalValue(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value];
  if (node.kind === Kind.INT) return Number(node.value);
  if (node.kind === Kind.BOOLEAN) return node.value;
  return node.kind === Kind.LIST ? node.values : undefined;
}
