import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './project.js';

/**
 * Everything of the user's: each file of the checkout, its mode and time, the index, HEAD, settings, and all refs but garland's own. Not
 * the tracker's file, which is the one thing that changes.
 */
export function fingerprintCheckout(project: Project): Record<string, string> {
  const files = listFiles(project.dir).map((path) => [path, describeFile(join(project.dir, path))] as const);
  const refs = project
    .git('for-each-ref', '--format=%(refname) %(objectname)')
    .split('\n')
    .filter((line) => !/^refs\/(heads\/)?garland\//.test(line));
  const own = ['index', 'HEAD', 'config'].map(
    (name) => [`.git/${name}`, digest(readFileSync(join(project.dir, '.git', name)))] as const,
  );
  return Object.fromEntries([...files, ...own, ['refs', refs.join('\n')]]);
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^\.(git|garland)(\/|$)/.test(path) && path !== '.beads/issues.jsonl' && path !== '.beads',
  );
}

function describeFile(path: string): string {
  const stat = lstatSync(path);
  const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? digest(readFileSync(path)) : 'folder';
  return `${stat.mode.toString(8)} ${stat.isFile() ? stat.mtimeMs : ''} ${content}`;
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
