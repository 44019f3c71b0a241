import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { execa } from 'execa';
import type { ProgramCheck } from '../agents/agent.js';
import { namedKinds } from '../agents/choose-agent.js';
import { createAgent } from '../agents/create-agent.js';
import type { Project } from '../config/project.js';
import type { Config } from '../config/schema.js';
import type { AgentKind } from '../contract/agents.js';
import { UserError } from '../errors.js';

/** How long a program may take to tell its version, in milliseconds: some look for updates first. */
const PATIENCE = 30_000;

/** Answers which kinds of agents the configuration names, the usual one first. */
export function requireAgent({ exists, config, dir, configFile }: Project): AgentKind[] {
  if (config.agent.kind === undefined) {
    const missing = exists
      ? `${configFile}: neither agent.kind nor agent.command is set`
      : `no WORKFLOW.md in ${dir} says which agent to run`;
    throw new UserError(`${missing}. Give --agent 'COMMAND', or write into WORKFLOW.md:\n${exampleWorkflow}`);
  }
  return namedKinds(config);
}

const exampleWorkflow = `
---
agent:
  kind: claude   # or codex, amp; or \`command: my-agent\`, which gets the prompt on stdin
verify:
  commands:
    - npm test
---`;

/** Each program that may be started. Answers what they are, in a line each. */
export async function requireAgentPrograms(project: Project): Promise<string[]> {
  return Promise.all(requireAgent(project).map((kind) => requireProgram(kind, project)));
}

async function requireProgram(kind: AgentKind, { config, dir }: Project): Promise<string> {
  const { program } = createAgent({ kind }, config);
  if (program === undefined) return requireCommand(config, dir);
  return `${kind} ${await readVersion(program, dir)}`;
}

async function readVersion({ argv: [file, ...args], setting, install }: ProgramCheck, cwd: string): Promise<string> {
  const { failed, code, exitCode, stdout, stderr, timedOut } = await execa(file, args, {
    cwd,
    reject: false,
    stdin: 'ignore',
    timeout: PATIENCE,
  });
  if (code === 'ENOENT' || exitCode === 127) throw new UserError(`${setting}: the program isn't there. ${install}`);
  if (!failed) return stdout.trim().split('\n').at(-1) ?? '';
  const why = timedOut ? `no answer in ${PATIENCE / 1_000} s` : stderr.trim().split('\n').at(-1) || `exit ${exitCode}`;
  throw new UserError(`${setting}: the program can't tell its version: ${why}. ${install}`);
}

/** Looks at the first word alone, and only where a shell would look it up: the rest of a command is the shell's business. */
async function requireCommand({ agent: { command = '' } }: Config, dir: string): Promise<string> {
  const [program] = /^[\w@%+:,./-]+(?=\s|$)/.exec(command) ?? [];
  if (program === undefined) return command;
  const found = program.includes('/')
    ? // A relative path is looked up in the workspace, where the hook after_create may put it.
      !isAbsolute(program) || (await isFile(resolve(dir, program)))
    : !(await execa('sh', ['-c', 'command -v -- "$1"', 'sh', program], { cwd: dir, reject: false })).failed;
  if (!found) throw new UserError(`agent.command: there is no program ${program}, neither on PATH nor as a file`);
  return command;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
