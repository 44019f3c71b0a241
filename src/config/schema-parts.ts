import { z } from 'zod';

export const milliseconds = z.number().int().min(1).max(2_147_483_647);
export const millisecondsOrOff = z.number().int().min(0).max(2_147_483_647);
export const days = z.number().int().min(0).max(36_500);
export const text = z.string().min(1);
// A shell reads $NAME in a command itself, and later: resolving it here would freeze it and leave the quoting to chance.
export const command = z.string().trim().min(1).meta({ allowed: 'a shell command', environment: false });
