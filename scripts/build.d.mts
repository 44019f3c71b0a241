/** @throws Error with a message for a person when the sources don't compile */
export function ensureBuilt(): Promise<void>;
