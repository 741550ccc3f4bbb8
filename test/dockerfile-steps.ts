/** The steps of the Dockerfile, performed in temporary folders in place of images. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Copy, DockerfileParser, type Env, type From, type Instruction } from 'dockerfile-ast';

const run = promisify(execFile);

/** What an image would be: its files below `root`, and what a container starts with. */
export type Stage = {
  root: string;
  workdir: string;
  environment: Record<string, string>;
  user: string;
  command: string[];
  healthcheck: string[];
};

/** Performs all stages in their order. @returns the last one, and how to remove the folders. */
export async function performDockerfile(): Promise<{ stage: Stage; remove(): Promise<void> }> {
  const parsed = DockerfileParser.parse(await readFile('Dockerfile', 'utf8'));
  const folder = await mkdtemp(path.join(tmpdir(), 'image-'));
  const isIgnored = readIgnored(await readFile('.dockerignore', 'utf8'));
  const stages: Stage[] = [];
  const named = new Map<string, Stage>();
  for (const instruction of parsed.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const stage = await beginStage(path.join(folder, String(stages.length)));
      stages.push(stage);
      named.set((instruction as From).getBuildStage() ?? '', stage);
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error('The Dockerfile does not begin with FROM.');
    await perform(instruction, stage, named, isIgnored);
  }
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('The Dockerfile has no stage.');
  return { stage, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function beginStage(root: string): Promise<Stage> {
  await mkdir(root);
  return { root, workdir: '/', environment: {}, user: 'root', command: [], healthcheck: [] };
}

type IsIgnored = (file: string) => boolean;

async function perform(
  instruction: Instruction,
  stage: Stage,
  named: ReadonlyMap<string, Stage>,
  isIgnored: IsIgnored,
): Promise<void> {
  const text = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      stage.workdir = path.posix.resolve(stage.workdir, text);
      await mkdir(inside(stage, '.'), { recursive: true });
      return;
    case 'ENV':
      for (const property of (instruction as Env).getProperties())
        stage.environment[property.getName()] = property.getValue() ?? '';
      return;
    case 'COPY':
      return copy(instruction as Copy, stage, named, isIgnored);
    case 'RUN':
      return runCommand(text, stage);
    case 'USER':
      stage.user = text;
      return;
    case 'CMD':
      stage.command = JSON.parse(text);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(text.replace(/^.*?\bCMD\b/s, ''));
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`Teach this test to perform ${instruction.getKeyword()}.`);
  }
}

/** Where a path of the image lies here. */
export function inside(stage: Stage, file: string): string {
  return path.join(stage.root, path.posix.resolve(stage.workdir, file));
}

async function copy(
  instruction: Copy,
  stage: Stage,
  named: ReadonlyMap<string, Stage>,
  isIgnored: IsIgnored,
): Promise<void> {
  const words = instruction.getArguments().map((argument) => argument.getValue());
  const destination = words.pop() ?? '';
  const flag = instruction.getFromFlag();
  const other = flag ? named.get(flag.getValue() ?? '') : undefined;
  if (flag && !other) throw new Error(`No stage is called ${flag.getValue()}.`);
  for (const word of words) {
    const source = other ? inside(other, word) : path.resolve(word);
    const into = destination.endsWith('/') && (await stat(source)).isFile() ? path.basename(word) : '';
    const isWanted = (file: string) => other !== undefined || !isIgnored(path.relative('.', file));
    if (!isWanted(source)) throw new Error(`.dockerignore keeps ${word} out of the build.`);
    await cp(source, path.join(inside(stage, destination), into), { recursive: true, filter: isWanted });
  }
}

/**
 * The rules of .dockerignore, as far as they are `*` and plain names, with or without `!`; the last one that fits counts.
 */
function readIgnored(text: string): IsIgnored {
  const rules = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = rules.find((rule) => !/^(\*|!?[\w./-]+)$/.test(rule));
  if (unknown !== undefined) throw new Error(`Teach this test to read ${unknown} in .dockerignore.`);
  return (file) => {
    const last = rules.findLast((rule) => rule === '*' || `${file}/`.startsWith(`${rule.replace('!', '')}/`));
    return last !== undefined && !last.startsWith('!');
  };
}

/**
 * The whole `npm ci` has been run already by whoever runs the tests and takes a minute: its folder stands in, and only its
 * script is run. The installation for production is made in full, from npm's cache where it can be.
 */
async function runCommand(command: string, stage: Stage): Promise<void> {
  const cwd = inside(stage, '.');
  if (command === 'npm ci') await symlink(path.resolve('node_modules'), path.join(cwd, 'node_modules'));
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, npm_config_prefer_offline: 'true', ...stage.environment };
  await run('sh', ['-c', command === 'npm ci' ? 'npm run postinstall' : command], { cwd, env, maxBuffer: 1e7 });
}
