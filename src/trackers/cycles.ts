/**
 * Cycles in a graph, each as the ids along it, the first one not repeated. Of cycles that share an id one is told: mending it shows
 * the next. Links to ids outside the graph are passed over. No recursion, because chains may be long.
 */
export function findCycles(links: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const told = new Set<string>();
  const left = new Set<string>();
  const path = new Path(links);
  for (const start of links.keys()) {
    if (!left.has(start)) path.enter(start);
    while (path.last !== undefined) {
      const next = path.nextLink();
      if (next === undefined) left.add(path.leave());
      else if (!path.has(next)) {
        if (links.has(next) && !left.has(next)) path.enter(next);
      } else if (!told.has(next)) {
        const cycle = path.from(next);
        if (cycle.some((id) => told.has(id))) continue;
        for (const id of cycle) told.add(id);
        cycles.push(cycle);
      }
    }
  }
  return cycles;
}

/** The way from where a search began to where it is, with the links at each step that it hasn't followed yet. */
class Path {
  private readonly ids: string[] = [];
  private readonly positions = new Map<string, number>();
  private readonly rest: Iterator<string>[] = [];

  constructor(private readonly links: ReadonlyMap<string, readonly string[]>) {}

  get last(): string | undefined {
    return this.ids.at(-1);
  }
  has(id: string): boolean {
    return this.positions.has(id);
  }
  from(id: string): string[] {
    return this.ids.slice(this.positions.get(id));
  }
  nextLink(): string | undefined {
    const next = this.rest.at(-1)?.next();
    return next?.done === false ? next.value : undefined;
  }
  enter(id: string): void {
    this.positions.set(id, this.ids.push(id) - 1);
    this.rest.push((this.links.get(id) ?? []).values());
  }
  leave(): string {
    const id = this.ids.pop()!;
    this.positions.delete(id);
    this.rest.pop();
    return id;
  }
}
