import { describe, expect, test } from 'vitest';
import type { Claim, Tracker } from '../../src/trackers/tracker.js';
import type { GitHubServer } from '../github-server/server.js';
import { addIssue, findIssue, type Repository } from '../github-server/state.js';
import { LOGIN, openTracker, startShop } from './github-repository.js';

const plain = { allowInProgress: false };
const run: Claim = { key: 'run-1', name: 'garland/api' };
const place = (name: string) => ({ place: name, host: name });

/** The same every time, so that a failure can be seen again. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('two coordinators', () => {
  test(
    'on two machines, of the same project, race for 200 issues: each goes to one',
    { timeout: 300_000 },
    async () => {
      const { server, repository } = await startShop();
      const ids = Array.from({ length: 200 }, (_, index) =>
        String(addIssue(repository, { title: `I${index}` }).number),
      );
      const random = createRandom(1);
      server.latency = () => random() * 4;
      const racers = ['desk', 'laptop'].map((name) => openTracker(server, { place: place(name) }));
      const claims = racers.map((_, index) => ({ ...run, key: `run-${index}` }));
      const winners = await Promise.all(
        ids.map(async (id) => {
          const results = await Promise.all(racers.map((racer, index) => racer.claim(id, claims[index]!, plain)));
          return results.flatMap(({ claimed }, index) => (claimed ? [index] : []));
        }),
      );
      expect(winners.filter((each) => each.length !== 1)).toEqual([]);
      const { issues } = await racers[0]!.list();
      expect(issues.map(({ claimedBy }) => claimedBy)).toEqual(winners.map(([winner]) => claims[winner!]!.key));
    },
  );

  test(
    'never hold an issue at the same time, though answers are lost and connections cut',
    { timeout: 300_000 },
    async () => {
      const { server, repository } = await startShop();
      const ids = ['1', '2', '3'];
      for (const id of ids) addIssue(repository, { title: id });
      const random = createRandom(2);
      server.latency = () => random() * 3;
      const holders = new Map<string, string>();
      const overlaps: string[] = [];
      let held = 0;
      const work = async (name: string): Promise<void> => {
        const tracker = openTracker(server, { place: place(name) });
        for (let round = 0; round < 80; round += 1) {
          if (random() < 0.3) {
            const kind = random() < 0.5 ? 'lose answer' : 'cut';
            server.faults.plan({ fault: { kind }, on: /^(POST|PATCH|DELETE) /, after: Math.floor(random() * 4) });
          }
          const id = ids[Math.floor(random() * ids.length)]!;
          const claim = { key: `${name}-${round}`, name: `garland/${name}` };
          const { claimed } = await tracker.claim(id, claim, plain);
          if (!claimed) continue;
          held += 1;
          if (holders.has(id)) overlaps.push(`${id}: ${holders.get(id)} and ${claim.key}`);
          holders.set(id, claim.key);
          await new Promise((resolve) => setTimeout(resolve, random() * 5));
          holders.delete(id);
          expect(await tracker.release(id, claim)).toBe('done');
        }
      };
      await Promise.all([work('desk'), work('laptop')]);
      expect(overlaps).toEqual([]);
      expect(held).toBeGreaterThan(50);
    },
  );
});

/** What is to be seen on GitHub, without times and ids. */
function lookAt(repository: Repository) {
  const { state, stateReason, labels, assignees, comments } = findIssue(repository, 1)!;
  const log = [...repository.refs].filter(([ref]) => ref.startsWith('refs/garland/')).map(([, sha]) => sha);
  return {
    state,
    stateReason,
    labels,
    assignees,
    comments: comments.map(({ body }) => body),
    isHeld: log.length > 0 && log.at(-1) !== log.at(-2),
  };
}

const WORKS: Record<
  string,
  { prepare?: (tracker: Tracker) => Promise<unknown>; work: (tracker: Tracker) => Promise<unknown> }
> = {
  claim: { work: (tracker) => tracker.claim('1', run, plain) },
  'release with a note': {
    prepare: (tracker) => tracker.claim('1', run, plain),
    work: (tracker) => tracker.release('1', run, { label: 'needs-followup', note: 'Why @ann `not`' }),
  },
  close: {
    prepare: (tracker) => tracker.claim('1', run, plain),
    work: (tracker) => tracker.close('1', run, 'landed'),
  },
};

describe.each(Object.entries(WORKS))('%s', (_name, { prepare, work }) => {
  async function start(): Promise<{ server: GitHubServer; repository: Repository; requests: () => number }> {
    const { server, repository } = await startShop();
    addIssue(repository, { title: 'Work', labels: ['x', 'needs-followup-not'] });
    await prepare?.(openTracker(server));
    const before = server.log.length;
    return { server, repository, requests: () => server.log.length - before };
  }

  async function playUndisturbed() {
    const { server, repository, requests } = await start();
    await work(openTracker(server));
    return { expected: lookAt(repository), count: requests() };
  }

  test('an answer that is lost, whichever it is, changes nothing', async () => {
    const { expected, count } = await playUndisturbed();
    for (let lost = 0; lost < count; lost += 1) {
      const { server, repository } = await start();
      server.faults.plan({ fault: { kind: 'lose answer' }, after: lost });
      await work(openTracker(server));
      expect(lookAt(repository), `answer ${lost}`).toEqual(expected);
    }
  });

  test('a crash between any two steps leaves what doing it again completes', async () => {
    const { expected, count } = await playUndisturbed();
    for (let done = 0; done < count; done += 1) {
      const { server, repository } = await start();
      server.faults.plan({ fault: { kind: 'cut' }, after: done, times: 1_000 });
      await expect(work(openTracker(server)), `after ${done}`).rejects.toThrow("GitHub can't be reached");
      server.faults.clear();
      await work(openTracker(server));
      expect(lookAt(repository), `after ${done}`).toEqual(expected);
      await work(openTracker(server));
      expect(lookAt(repository), `again after ${done}`).toEqual(expected);
    }
  });
});

test('a crash in the middle of a claim keeps others off, and the next run of the project takes it over', async () => {
  const { server, repository } = await startShop();
  addIssue(repository, { title: 'Work' });
  server.faults.plan({ fault: { kind: 'cut' }, on: /^POST .*labels/, times: 1_000 });
  await expect(openTracker(server).claim('1', run, plain)).rejects.toThrow("can't be reached");
  server.faults.clear();
  const elsewhere = openTracker(server, { place: place('laptop') });
  expect(await elsewhere.claim('1', { ...run, key: 'run-2' }, plain)).toEqual({
    claimed: false,
    reason: '1 is in progress, claimed by garland/api on desk',
  });
  expect(await openTracker(server).claim('1', { ...run, key: 'run-3' }, plain)).toMatchObject({
    claimed: true,
    issue: { claimedBy: 'run-3' },
  });
});

test('a claim of another machine looks like that of somebody else, though the project has the same name', async () => {
  const { server, repository } = await startShop();
  addIssue(repository, { title: 'Work' });
  await openTracker(server).claim('1', run, plain);
  const elsewhere = openTracker(server, { place: place('laptop') });
  expect((await elsewhere.list()).issues).toMatchObject([{ claimedBy: run.key, assignee: 'garland/api on desk' }]);
  expect(await elsewhere.claim('1', { ...run, key: 'run-2' }, { allowInProgress: true })).toMatchObject({
    claimed: false,
  });
});

test('whom a person puts in the place of the account that claimed it has it', async () => {
  const { server, repository } = await startShop();
  const issue = addIssue(repository, { title: 'Work' });
  const tracker = openTracker(server);
  await tracker.claim('1', run, plain);
  expect(issue.assignees).toEqual([LOGIN]);
  issue.assignees = ['ann'];
  expect((await tracker.list()).issues).toMatchObject([{ assignee: 'ann', claimedBy: undefined }]);
  expect(await openTracker(server).claim('1', { ...run, key: 'run-2' }, plain)).toEqual({
    claimed: false,
    reason: '1 is claimed by ann',
  });
});
