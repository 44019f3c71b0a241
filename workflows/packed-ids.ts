/** Ids as they are carried over: those of a project mostly begin alike, and there may be ten thousand. */
export interface PackedIds {
  prefix: string;
  rests: string[];
}

export function packIds(ids: string[]): PackedIds {
  const prefix = ids.reduce(sharedPrefix, ids[0] ?? '');
  return { prefix, rests: ids.map((id) => id.slice(prefix.length)) };
}

/** Plain lists come from a run that began with an earlier version. */
export function unpackIds(packed: PackedIds | string[]): string[] {
  return Array.isArray(packed) ? packed : packed.rests.map((rest) => packed.prefix + rest);
}

function sharedPrefix(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
