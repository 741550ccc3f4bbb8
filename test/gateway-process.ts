/** The gateway as a process of its own, as a person starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type GatewayProcess = {
  /** Everything printed so far, to both streams. */
  output(): string;
  /** The address that the welcome names. */
  url(): string;
  signal(name: NodeJS.Signals): void;
  /** The exit code; waits for the end. */
  exit: Promise<number | null>;
};

type Environment = Record<string, string>;
/** What node is told to run, and where. */
type Program = { arguments: readonly string[]; folder: string };

const SOURCE: Program = { arguments: ['--import', 'tsx', 'src/index.ts'], folder: '.' };

/** Runs src/index.ts, or what stands for it, with these settings and no others. Ends itself with the test run. */
export function spawnGateway(environment: Environment, program = SOURCE): GatewayProcess & { child: ChildProcess } {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, program.arguments, {
    cwd: program.folder,
    env: { PATH, HOME, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    output: () => output,
    url: () => /http:\/\/\S+\/graphql/.exec(output)?.[0] ?? '',
    signal: (name) => child.kill(name),
    exit,
  };
}

/** Starts the gateway and waits for its welcome. @throws with what it printed when it ends instead. */
export async function startGateway(environment: Environment, program = SOURCE): Promise<GatewayProcess> {
  const gateway = spawnGateway(environment, program);
  const welcomed = new Promise<void>((resolve) => {
    gateway.child.stdout?.on('data', () => gateway.output().includes('is listening') && resolve());
  });
  const ended = gateway.exit.then((code) => {
    throw new Error(`The gateway ended with ${code}: ${gateway.output()}`);
  });
  await Promise.race([welcomed, ended]);
  return gateway;
}

export type DatabaseFolder = {
  folder: string;
  /** Process ID of the server that runs in it; `undefined` when none does. */
  serverPid(): Promise<number | undefined>;
  remove(): Promise<void>;
};

/** A folder for an embedded database that any user may enter. */
export async function databaseFolder(): Promise<DatabaseFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gateway-start-'));
  await chmod(folder, 0o755);
  // Where the project itself may only be entered by root, the database lives elsewhere and leaves a note.
  const place = async () => (await readIfThere(path.join(folder, 'location')))?.trim() ?? folder;
  return {
    folder,
    async serverPid() {
      const pid = (await readIfThere(path.join(await place(), 'data/postmaster.pid')))?.split('\n')[0];
      return pid === undefined || !isAlive(Number(pid)) ? undefined : Number(pid);
    },
    async remove() {
      await rm(await place(), { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
