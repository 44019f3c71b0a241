import { inject } from 'vitest';

process.env['TEMPORAL_ADDRESS'] = inject('temporalAddress');
process.env['TEMPORAL_CLI_PATH'] = inject('temporalCli');
