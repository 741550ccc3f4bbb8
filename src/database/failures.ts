/** Sorts the errors of pg and Prisma. */
import { Prisma } from '../generated/prisma/client.ts';
import { DatabaseBusyError } from './connection-shares.ts';

/** Prisma: unreachable, timed out, connection closed, no connection free, transaction could not be opened. */
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);

/** Node's, and PostgreSQL's for connections: shutting down, starting up, too many. */
const DRIVER_AWAY = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|57P0[123]|53300|08)/;

/** Whether the error says that no database answered, rather than that it refused a statement. */
export function databaseIsAway(error: unknown): boolean {
  return hasCause(error, (cause) => {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && (PRISMA_AWAY.has(code) || DRIVER_AWAY.test(code))) return true;
    return cause instanceof Prisma.PrismaClientInitializationError;
  });
}

/** pg-pool's words, without a code, when no connection could be opened or came back in time. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';

/** Whether too much waits for the database; the statement was not begun. */
export function databaseIsBusy(error: unknown): boolean {
  return hasCause(error, (cause) => cause instanceof DatabaseBusyError || cause.message.includes(POOL_TIMEOUT));
}

/** Whether the error itself or one that caused it is such a one. */
function hasCause(error: unknown, isSuch: (cause: Error) => boolean): boolean {
  if (!(error instanceof Error)) return false;
  return isSuch(error) || (error.cause !== error && hasCause(error.cause, isSuch));
}

type DriverFailure = { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } };

/** Whether the database ended the statement for its time-out. What the statement or its transaction wrote is undone. */
export function statementTookTooLong(error: unknown): boolean {
  return (error as DriverFailure).meta?.driverAdapterError?.cause?.originalCode === '57014';
}

const SENTENCES: Record<string, string> = {
  ECONNREFUSED: 'No PostgreSQL answers there: start it, or correct the host and port in DATABASE_URL.',
  ENOTFOUND: 'The host in DATABASE_URL is unknown: correct its name.',
  ETIMEDOUT: 'The host in DATABASE_URL does not answer: correct it, or open the way to it.',
  '3D000': 'The database in DATABASE_URL does not exist: create it with createdb, or correct its name.',
  '28P01': 'The user or the password in DATABASE_URL is wrong.',
  '28000': 'The server does not let the user in DATABASE_URL in from here: see its pg_hba.conf.',
  '08P01':
    "A pooler between server and database refuses startup parameters: add options to PgBouncer's ignore_startup_parameters.",
  '22023': 'The role carbon_gateway does not exist yet: run `npm run db:deploy` with the URL of the owner.',
  '42501':
    'The user in DATABASE_URL lacks a privilege: it must be a member of carbon_gateway, and to migrate, the owner.',
  '53300': 'The server has no connection left: raise its max_connections, or lower DATABASE_POOL_SIZE.',
};

/** One sentence for the person at the terminal, without the URL, which holds a password. */
export function explainDatabaseError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const sentence = typeof code === 'string' ? SENTENCES[code] : undefined;
  if (sentence !== undefined) return sentence;
  const [inner] = error instanceof AggregateError ? error.errors : [error.cause];
  return inner instanceof Error && inner !== error ? explainDatabaseError(inner) : error.message;
}
