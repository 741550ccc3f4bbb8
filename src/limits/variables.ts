/** What the values of variables may be before they are coerced, which recurses with them. */
import {
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { type Limits, limitExceeded } from './exceeded.ts';

/**
 * Refuses variables with a list that is too long or with values nested too deeply. A list of an input type that says
 * `limitedByRule` in its extensions is left to the rule of its field, which is how a year of prices fits into one call.
 *
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export function checkVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: Limits,
): void {
  for (const { variable, type: node } of variableDefinitions) {
    const type = typeFromAST(schema, node as never);
    const name = variable.name.value;
    if (name === '__proto__') throw unusableName(name);
    if (isInputType(type) && Object.hasOwn(variables, name)) checkValue(variables[name], type, `$${name}`, 0, limits);
  }
}

/** The executor keeps variables in a plain object, where this name is none of its keys. */
function unusableName(name: string): GraphQLError {
  return new GraphQLError(`A variable cannot be named $${name}: choose another name.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { spec: true, status: 400 } },
  });
}

function checkValue(value: unknown, type: GraphQLInputType, where: string, nesting: number, limits: Limits): void {
  if (typeof value !== 'object' || value === null) return;
  if (nesting > limits.nesting) {
    throw limitExceeded(
      { name: 'nesting', maximum: limits.nesting },
      `${where} nests values too deeply: at most ${limits.nesting} within each other.`,
    );
  }
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const items: unknown[] = Array.isArray(value) ? value : [value];
    checkLength(items.length, nullable.ofType, where, limits);
    for (const item of items) checkValue(item, nullable.ofType, where, nesting + 1, limits);
  } else if (isInputObjectType(nullable)) {
    const fields = nullable.getFields();
    for (const [name, inner] of Object.entries(value)) {
      const field = fields[name];
      if (field !== undefined) checkValue(inner, field.type, `${where}.${name}`, nesting + 1, limits);
    }
  }
}

function checkLength(found: number, itemType: GraphQLInputType, where: string, limits: Limits): void {
  const maximum = limits.listItems;
  if (found <= maximum || getNamedType(itemType).extensions.limitedByRule === true) return;
  throw limitExceeded(
    { name: 'listItems', maximum, found },
    `${where} has ${found} items: send at most ${maximum} at once.`,
  );
}
