import type { Findings } from './leftover.js';

/** What becomes of an issue whose work has landed: where that means a pull request, people have to have merged it. */
export const howToClose = ({ config, reviews }: Findings): string =>
  reviews !== undefined && config.land.close_when === 'merged'
    ? 'is closed if it was merged, else waits to be'
    : 'is closed';
