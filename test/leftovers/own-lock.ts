import { ownIdentity } from '../../src/processes/identity.js';

/** What a lock of this process says. */
export const readOwnLock = (): string => JSON.stringify({ ...ownIdentity(), token: 'def' });
