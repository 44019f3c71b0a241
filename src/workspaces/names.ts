import { createHash } from 'node:crypto';

/**
 * A name for an issue that is safe as a git ref's last part and as a folder's name, at most 60 characters. Ordinary ids
 * (`bd-12`, `A1`, `proj-3.2`) stay as they are; any other becomes a readable slug, a dash and 10 hex digits of its
 * SHA-256. Ids that look like such a result are hashed too, so no two ids share a name.
 */
export function safeName(id: string, { ignoresCase = process.platform === 'darwin' } = {}): string {
  if (isOrdinary(id) && !(ignoresCase && /[A-Z]/.test(id))) {
    return id;
  }
  const slug = slugOf(id);
  return slug === '' ? `id-${digestOf(id)}` : `${slug}-${digestOf(id)}`;
}

/** See git-check-ref-format(1) for what a ref can't hold. */
function isOrdinary(id: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,59}$/.test(id) &&
    !id.includes('..') &&
    !/\.(lock)?$/i.test(id) &&
    !/-[0-9a-f]{10}$/i.test(id)
  );
}

function slugOf(id: string): string {
  return id
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 49)
    .replace(/^-+|-+$/g, '');
}

/** UTF-8 has one replacement for every lone surrogate, which would make different ids the same. */
function digestOf(id: string): string {
  const bytes = Buffer.from(id);
  const exact = bytes.toString() === id ? bytes : Buffer.from(id, 'utf16le');
  return createHash('sha256').update(exact).digest('hex').slice(0, 10);
}
