import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../integration/harness/project.js';

/** Events. The server suggests to continue as new from 4,096 on otherwise, which a round doesn't come near. */
const LENGTH = 120;

/** Before its server is started: it suggests to continue as new very soon. */
export function giveShortHistory({ env, top }: Project): void {
  const program = join(top, 'temporal');
  const suggest = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${LENGTH}`;
  const lines = [
    '#!/bin/sh',
    `[ "$1 $2" = 'server start-dev' ] && exec '${env['TEMPORAL_CLI_PATH']}' "$@" ${suggest}`,
    `exec '${env['TEMPORAL_CLI_PATH']}' "$@"`,
  ];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
  env['TEMPORAL_CLI_PATH'] = program;
}
