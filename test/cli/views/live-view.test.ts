import { Writable } from 'node:stream';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import { createLiveView } from '../../../src/cli/views/live-view.js';
import { aSnapshot, anActiveIssue } from './snapshot.js';

/** What a terminal would be sent. */
class Terminal extends Writable {
  columns = 80;
  rows = 10;
  isTTY = true;
  sent = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.sent += chunk.toString();
    done();
  }
}

function aLiveView(terminal: Terminal) {
  return createLiveView({
    stream: terminal as unknown as NodeJS.WriteStream,
    colors: pc.createColors(false),
    webUrl: null,
    showPath: (path) => path,
    hint: () => 'Ctrl-C: drain',
    readLastOutput: () => 'at work',
  });
}

const time = '2026-01-02T03:04:05.000Z';

test('events scroll by above the live area, with the titles that the state has told', () => {
  const terminal = new Terminal();
  const view = aLiveView(terminal);
  view.state(aSnapshot({ active: [anActiveIssue()] }));
  view.event({ seq: 1, time, event: 'agent_started', id: 'k-1', attempt: 1, workspace: '/w/k-1' });
  const at = terminal.sent.indexOf('▶ k-1 Peel the potatoes in /w/k-1');
  expect(at).toBeGreaterThan(-1);
  expect(terminal.sent.indexOf('garland · kitchen · running')).toBeGreaterThan(at);
  expect(terminal.sent).toContain('at work');
  view.close();
});

test('a trouble is shown at once, and gone when it is over', () => {
  const terminal = new Terminal();
  const view = aLiveView(terminal);
  view.state(aSnapshot());
  view.trouble('the server is away');
  expect(terminal.sent).toContain('the server is away');
  terminal.sent = '';
  view.trouble(undefined);
  expect(terminal.sent).not.toContain('the server is away');
  view.close();
});

test('a terminal that got narrower is cleared of the lines that its wrapping made', () => {
  const terminal = new Terminal();
  const view = aLiveView(terminal);
  view.state(aSnapshot({ waitingFor: 'x'.repeat(78) }));
  view.trouble(undefined);
  terminal.sent = '';
  terminal.columns = 40;
  terminal.emit('resize');
  // Two lines of the old frame took two rows each: counts on the right of the header, and what is waited for.
  expect(terminal.sent).toContain('\u001B[2A\u001B[J');
  view.close();
});

test('after close the cursor is back, and nothing is drawn any more', () => {
  const terminal = new Terminal();
  const view = aLiveView(terminal);
  view.state(aSnapshot());
  view.trouble('away');
  view.close();
  view.close();
  terminal.sent = '';
  view.trouble('still away');
  terminal.emit('resize');
  expect(terminal.sent).toBe('');
});
