/** The errors that the domain owns. How they look in the schema is `user-errors.ts`; how HTTP shows them is `http/`. */

/** Something that the caller did and can put right. A closed list: each code is one of the classes below. */
export type UserError = InvalidInputError | NotFoundError | ConflictError | StaleVersionError;

/** `path` leads to the argument, list positions as digits: `['input', 'certifications', '0']`. */
abstract class CorrectableError {
  readonly message: string;
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string) {
    this.path = path;
    this.message = message;
  }
}

/** A value that breaks a rule (INVALID), or one that is missing (REQUIRED). */
export class InvalidInputError extends CorrectableError {
  readonly code: 'INVALID' | 'REQUIRED';
  readonly validValues: readonly string[] | undefined;

  constructor(
    path: readonly string[],
    message: string,
    { code = 'INVALID', validValues }: { code?: 'INVALID' | 'REQUIRED'; validValues?: readonly string[] } = {},
  ) {
    super(path, message);
    this.code = code;
    this.validValues = validValues;
  }
}

/** A record that does not exist, or belongs to another tenant; the two are never told apart. */
export class NotFoundError extends CorrectableError {
  readonly code = 'NOT_FOUND';
}

/** A record that the write collided with, and the key that hit it. `row` has all columns of the model `type`. */
export type Collision = { type: string; key: string; row: { id: string } };

/** Keys that already belong to another record, or to several. */
export class ConflictError extends CorrectableError {
  readonly code = 'CONFLICT';
  readonly existing: readonly Collision[];

  constructor(path: readonly string[], message: string, existing: readonly Collision[]) {
    super(path, message);
    this.existing = existing;
  }
}

/** `ifVersion` is not the record's version: someone else has changed it. */
export class StaleVersionError extends CorrectableError {
  readonly code = 'STALE_VERSION';
  readonly currentVersion: number;

  constructor(path: readonly string[], message: string, currentVersion: number) {
    super(path, message);
    this.currentVersion = currentVersion;
  }
}

/**
 * Ends an operation that wrote nothing. A mutation's payload shows all errors as `userErrors`; anywhere else the request
 * gets the first one as a top-level error with the code BAD_USER_INPUT.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly userErrors: readonly [UserError, ...UserError[]];

  constructor(userErrors: readonly [UserError, ...UserError[]]) {
    super(userErrors[0].message);
    this.userErrors = userErrors;
  }
}

/** Refuses unless the list is empty. */
export function refuseIfAny(userErrors: readonly UserError[]): void {
  const [first, ...others] = userErrors;
  if (first !== undefined) throw new Refusal([first, ...others]);
}

/** A refused operation as a value: graphql-js takes an Error that a resolver returns for one that it threw. */
export class Refused {
  readonly userErrors: readonly UserError[];

  constructor({ userErrors }: Refusal) {
    this.userErrors = userErrors;
  }
}

/** The operation's answer, or why it was refused; any other error is thrown on. */
export async function orRefused<Answer>(operation: Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof Refusal) return new Refused(error);
    throw error;
  }
}

/** The token does not permit this: HTTP 403. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
}

/** A token that is absent or not accepted: HTTP 401. `message` is one sentence and never repeats the token. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}

/** The token cannot be judged now, because the identity provider's keys are out of reach: HTTP 503, worth a retry. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}
