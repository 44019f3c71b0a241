import { clockStepped } from './clock.js';
import { diskFull } from './disk.js';
import type { Fault } from './fault.js';
import { abort, killedAbort, partition, pauseServer, secondRun, terminateRun } from './interruptions.js';
import { killAgents, killBoth, killEverything, killOneProcess, killRun, killTheServer, killWorker } from './kills.js';
import { killAtLanding, killAtStart, killAtTrackerWrite } from './moments.js';
import { deadLock, indexLocked, landingLocked } from './locks.js';
import { baseMoved, collected, garbage, rewound, workspaceDeleted } from './repository.js';
import { answersHalf, answersLate, answersLost, trackerFails } from './tracker-answers.js';
import { appended, halfWritten, replaced, trackerAway, trackerLocked, trackerReadOnly } from './tracker.js';

/** All that can go wrong in a round. A new one needs a line here. */
const faults = {
  'kill run': killRun,
  'kill server': killTheServer,
  'kill run and server': killBoth,
  'kill worker': killWorker,
  'kill everything': killEverything,
  'kill agents': killAgents,
  'kill one process': killOneProcess,
  'kill at a tracker write': killAtTrackerWrite,
  'kill at a landing': killAtLanding,
  'kill at a start': killAtStart,
  'terminate run': terminateRun,
  'second run': secondRun,
  partition,
  'pause server': pauseServer,
  abort,
  'killed abort': killedAbort,
  'tracker read-only': trackerReadOnly,
  'tracker away': trackerAway,
  'tracker half written': halfWritten,
  'tracker replaced': replaced,
  'tracker appended to': appended,
  'tracker locked': trackerLocked,
  'tracker fails': trackerFails,
  'tracker answers late': answersLate,
  'tracker answers half': answersHalf,
  'tracker loses replies': answersLost,
  'landing locked': landingLocked,
  'dead lock': deadLock,
  'workspace deleted': workspaceDeleted,
  'index.lock left': indexLocked,
  'garbage in a record': garbage,
  'base moved': baseMoved,
  'landing undone': rewound,
  'git gc': collected,
  'disk full': diskFull,
  'clock set': clockStepped,
} satisfies Record<string, Fault>;

export type FaultKind = keyof typeof faults;

export const FAULTS: Readonly<Record<FaultKind, Fault>> = faults;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];
