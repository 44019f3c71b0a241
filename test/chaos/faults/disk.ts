import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { once } from './tracker.js';

/** Why there can be no small disk here. */
export const noSmallDisk: string | undefined =
  process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'needs root on Linux, to mount a tmpfs';

const SIZE_MB = 48;

export function mountSmallDisk(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder]);
}

export function unmountSmallDisk(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
}

export const diskFull: Fault = {
  description: "the project's disk is full for a second",
  weight: 6,
  // Neither an editor's writes nor the user's own fail by it.
  about: ['tracker', 'repository'],
  fits: ({ smallDisk }) => smallDisk,
  inject: async (scene) => {
    const { dir } = scene.project;
    if (noSmallDisk !== undefined) return noSmallDisk;
    // Where the checkout isn't looked at.
    const file = scene.round.kind === 'worktree' ? join(dir, '.git', 'filler') : join(dir, 'filler');
    const repair = once(() => rmSync(file, { force: true }));
    scene.repairs.push(repair);
    const until = performance.now() + 1000;
    try {
      do {
        scene.touchActive();
        fill(file);
        await sleep(50);
      } while (performance.now() < until);
    } finally {
      await repair();
      scene.touchActive();
    }
    return undefined;
  },
};

/** Again and again, with ever less at a time: what is deleted meanwhile makes room. */
function fill(file: string): void {
  const handle = openSync(file, 'a');
  const block = Buffer.alloc(64 * 1024);
  try {
    for (let size = block.length; size >= 1; size = Math.floor(size / 16)) while (write(handle, block, size));
  } finally {
    closeSync(handle);
  }
}

function write(handle: number, block: Buffer, size: number): boolean {
  try {
    return writeSync(handle, block, 0, size) > 0;
  } catch {
    return false;
  }
}
