/** What a parsed document may ask for, whatever its variables: counted for each operation as it unfolds, fragments included. */
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { type Limits, limitExceeded } from './exceeded.ts';
import { fragmentsOf } from './fragments.ts';

/** Sums over a selection set; `rootFields` counts its own level alone. */
type Shape = { depth: number; aliases: number; directives: number; rootFields: number };

/**
 * Refuses a document with an operation that is too deep or too wide. Runs before validation, whose work grows faster than
 * the document: what is not valid for other reasons, such as a fragment within itself, is left to validation.
 *
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export function checkDocumentShape(document: DocumentNode, limits: Limits): void {
  checkListLiterals(document, limits);
  const shapeOf = createShapes(document);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) checkOperation(shapeOf(definition), limits);
  }
}

const SENTENCES = {
  depth: (most: number) =>
    `Fields are nested more than ${most} deep: ask for what is further down in a second request.`,
  aliases: (most: number) => `The operation has more than ${most} aliases: split it, or ask for a list.`,
  directives: (most: number) => `The operation uses more than ${most} directives: leave some out, or split it.`,
  rootFields: (most: number) => `The operation has more than ${most} fields at its root: split it.`,
};

function checkOperation(shape: Shape, limits: Limits): void {
  for (const name of ['depth', 'aliases', 'directives', 'rootFields'] as const) {
    const maximum = limits[name];
    if (shape[name] > maximum) throw limitExceeded({ name, maximum, found: shape[name] }, SENTENCES[name](maximum));
  }
}

function checkListLiterals(document: DocumentNode, { listItems: maximum }: Limits): void {
  visit(document, {
    ListValue({ values: { length: found } }) {
      if (found <= maximum) return;
      throw limitExceeded({ name: 'listItems', maximum, found }, `A list has ${found} items: send at most ${maximum}.`);
    },
  });
}

/** Each fragment is counted once and its sums are added wherever it is spread, so a document that unfolds without end costs nothing. */
function createShapes(document: DocumentNode): (operation: OperationDefinitionNode) => Shape {
  const fragments = fragmentsOf(document);
  const counted = new Map<string, Shape>();

  const fragmentShape = (name: string): Shape => {
    const known = counted.get(name);
    if (known !== undefined) return known;
    counted.set(name, EMPTY); // what a fragment within itself finds
    const fragment = fragments.get(name);
    const shape = fragment === undefined ? EMPTY : selectionSetShape(fragment.selectionSet, fragment.directives);
    counted.set(name, shape);
    return shape;
  };
  const selectionShape = (selection: SelectionNode): Shape => {
    const directives = selection.directives?.length ?? 0;
    if (selection.kind === Kind.FRAGMENT_SPREAD) return add(fragmentShape(selection.name.value), { directives });
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectionSetShape(selection.selectionSet, selection.directives);
    const below = selection.selectionSet === undefined ? EMPTY : selectionSetShape(selection.selectionSet);
    // Introspection is nested by nature; graphql-js has a rule of its own for it.
    const depth = selection.name.value.startsWith('__') ? 1 : below.depth + 1;
    const aliases = below.aliases + (selection.alias === undefined ? 0 : 1);
    return { depth, aliases, directives: below.directives + directives, rootFields: 1 };
  };
  const selectionSetShape = (
    { selections }: SelectionSetNode,
    { length: directives }: readonly unknown[] = [],
  ): Shape => selections.reduce((sum, selection) => add(sum, selectionShape(selection)), add(EMPTY, { directives }));

  return ({ selectionSet, directives }) => selectionSetShape(selectionSet, directives);
}

const EMPTY: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0 };

function add(one: Shape, other: Partial<Shape>): Shape {
  const { depth, aliases, directives, rootFields } = { ...EMPTY, ...other };
  return {
    depth: Math.max(one.depth, depth),
    aliases: one.aliases + aliases,
    directives: one.directives + directives,
    rootFields: one.rootFields + rootFields,
  };
}
