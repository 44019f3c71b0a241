import type { Config } from '../config/schema.js';
import type { AgentChoice } from '../contract/agents.js';
import type { Agent } from './agent.js';
import { judgeOutput, type Wording } from './judge-transcript.js';
import { priceOf } from './price.js';
import { isResultLine, readStreamJson } from './stream-json.js';

const PROGRAM = {
  setting: 'amp.command',
  install: 'Install Amp (npm install -g @sourcegraph/amp), or set amp.command in WORKFLOW.md',
};

const WORDING: Wording = {
  name: 'amp',
  ...PROGRAM,
  login: 'Log in (amp login), or set AMP_API_KEY where garland is started',
  limited: /\busage limit\b|\brate limit(?:ed)?\b|\b429\b/i,
  notLoggedIn:
    /\bnot logged in\b|\bno api key found\b|\blogin failed\b|\bamp login\b|\bunauthorized\b|\binvalid (?:api key|access token)\b|\bout of (?:free )?credits\b/i,
  unknownOption: /\bunknown (?:option|command)\b/i,
  sessionGone: /\bthread\b.*\bnot found\b/i,
};

/** The one model of an Amp thread isn't chosen here: prices are those of `amp`. */
const MODEL = 'amp';

/** Amp, without a person: `amp --execute --stream-json`. */
export function createAmpAgent({ effort }: AgentChoice, config: Config['amp'], { now = () => new Date() } = {}): Agent {
  return {
    kind: 'amp',
    label: 'amp',
    program: { argv: [config.command, '--version'], ...PROGRAM },
    hasSessions: true,
    launch: (_spec, { id, resumes }) => ({
      argv: [
        config.command,
        ...(resumes && id !== undefined ? ['threads', 'continue', id] : []),
        '--execute',
        '--stream-json',
        '--dangerously-allow-all',
        ...(effort === undefined ? [] : ['--mode', effort]),
        ...config.args,
      ],
      env: {},
      passEnv: ['AMP_API_KEY', 'AMP_URL', 'AMP_SETTINGS_FILE'],
    }),
    interpret: (output) =>
      judgeOutput(output, { wording: WORDING, reader: readStreamJson(() => null), now: output.endedAt ?? now() }),
    price: (used) => priceOf(config.prices, MODEL, used),
    isResult: isResultLine,
  };
}
