/** What a field costs, said where the field is defined; `limits/cost.ts` adds it up, and a supergraph reads it as directives. */

export type FieldCost = {
  /** Points of the field itself, in place of one for an object, ten for a mutation and none for a scalar. */
  weight?: number;
  list?: ListCost;
};

export type ListCost = {
  /** Arguments that say how many items are asked for, as a number or by the length of their list; none for a list of a known size. */
  slicingArguments?: readonly string[];
  /** How many to assume when none of them is given. */
  assumedSize: number;
  /** The most that the field ever answers, when it refuses a larger argument. */
  maximum?: number;
  /** The fields below this one that hold the items; absent when the field itself is the list. */
  sizedFields?: readonly string[];
};

/** Options of a Pothos field with this cost. */
export function costs(cost: FieldCost): { extensions: { cost: FieldCost } } {
  return { extensions: { cost } };
}

/** A number that the database counts, or rows that it adds up: a statement for what looks like one value. */
export const COUNT_WEIGHT = 5;
