import path from 'node:path';
import { stateDir } from '../files/user-dirs.js';

export interface DevServerFiles {
  folder: string;
  record: string;
  lock: string;
  log: string;
  database: string;
  /** Exists from before the database is made until the server has answered for the first time. */
  databaseIsNew: string;
}

/** All that the dev server of this user keeps, in one folder. */
export function devServerFiles(): DevServerFiles {
  const folder = path.join(stateDir(), 'server');
  return {
    folder,
    record: path.join(folder, 'server.json'),
    lock: path.join(folder, 'server.lock'),
    log: path.join(folder, 'server.log'),
    database: path.join(folder, 'temporal.db'),
    databaseIsNew: path.join(folder, 'temporal.db.new'),
  };
}
