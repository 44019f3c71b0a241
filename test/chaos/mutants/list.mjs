/**
 * Builds that are broken on purpose, by a replacement or two: rounds have to notice, with the faults that it takes. Edits are file, what is
 * there, what takes its place.
 */
export const mutants = [
  {
    name: "an attempt's link is made after its program was started",
    faults: 'kill at a start,kill run',
    edits: [
      [
        'src/processes/wrapper.ts',
        `( trap '' TERM INT HUP; PATH="/usr/bin:/bin\\\${PATH:+:$PATH}"; exec ln -sn "$$:$start:$boot" pid ) || exit 125`,
        '{ sleep 0.2; ln -sfn "$$:$start:$boot" pid; } 8>&- 9>&- & linker=$!',
      ],
      ['src/processes/wrapper.ts', '  status=$?\nfi', '  status=$?\n  wait "$linker"\nfi'],
    ],
  },
  {
    name: 'a retried activity does not find the attempt that runs',
    faults: 'kill run,kill worker',
    edits: [['src/agents/attempt-folder.ts', '? String(attempt) :', '? `${attempt}.${process.pid}` :']],
  },
  {
    name: 'a pid is enough: start times are not compared',
    faults: 'dead lock,kill run',
    edits: [['src/processes/identity.ts', ' && one.startTime === other.startTime', '']],
  },
  {
    name: 'an issue is closed without reading back that the branch holds its commits',
    faults: 'landing undone,kill at a landing',
    edits: [['src/settlement/settle-issue.ts', 'if (commit === undefined || (', 'if (commit !== "" || (']],
  },
  {
    name: 'landing without compare-and-swap and without a lock',
    faults: 'second run,kill worker,base moved',
    edits: [
      ['src/workspaces/refs.ts', 'ref, to, from];', 'ref, to];'],
      ['src/workspaces/landing.ts', 'await withLandingLock(', 'await ((_, act, __) => act())('],
    ],
  },
  {
    name: 'a claim that was made is refused when it is asked for again',
    faults: 'kill at a tracker write,tracker loses replies',
    edits: [
      [
        'src/trackers/beads-changes.ts',
        "if (isInProgress && holder === 'this run') return",
        "if (isInProgress && holder === 'x') return",
      ],
    ],
  },
  {
    name: 'the tracker is written without looking whether somebody else has',
    faults: 'tracker replaced,tracker appended to,tracker half written',
    edits: [
      ['src/trackers/beads-store.ts', 'if (!reader.isCurrent(base.version)) throw', 'if (base.version === "") throw'],
    ],
  },
  {
    name: 'a query is answered from what no workflow task has taken up',
    faults: 'kill run,partition,second run',
    edits: [
      [
        'workflows/settled-history.ts',
        'if (query && isDoubtful',
        'if (query && isDoubtful && !isProven && last.length < 0',
      ],
    ],
  },
  {
    name: 'what a program leaves in its group is left',
    faults: 'kill one process,kill run',
    edits: [
      [
        'src/processes/wait-for-job.ts',
        'if (isKilled || isAlive(identity) || !isGroupGone(identity))',
        'if (folder === "")',
      ],
      ['src/processes/wrapper.ts', '[ -n "$stopped" ] || kill -s TERM 0', ''],
    ],
  },
];
