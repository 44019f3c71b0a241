import { expect, it } from 'vitest';
import { hideSecrets } from '../../src/secrets/hide-secrets.js';

it.each([
  ['https://me:pass@example.org/x.git', 'https://example.org/x.git'],
  [
    "fatal: unable to access 'https://token@example.org:8443/x/': no",
    "fatal: unable to access 'https://example.org:8443/x/': no",
  ],
  ['ssh://git@example.org/x and http://a:b@c/', 'ssh://example.org/x and http://c/'],
  ['git@example.org:x.git', 'git@example.org:x.git'],
  ['https://example.org/a@b, mail me@example.org', 'https://example.org/a@b, mail me@example.org'],
])('leaves out who calls, and the password: %s', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
});
