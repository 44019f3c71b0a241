/** One small library as a backlog: an epic with its children, what waits for what, and two that are no part of it. */
const backlog = [
  { id: 'kitchen-1', type: 'epic', title: 'A kitchen library' },
  { id: 'kitchen-2', priority: 1, title: 'Convert grams to ounces and back' },
  { id: 'kitchen-3', priority: 1, title: 'Convert cups to millilitres' },
  { id: 'kitchen-4', priority: 0, title: 'Scale a recipe to the number of guests' },
  { id: 'kitchen-5', priority: 1, title: 'Write amounts as cooks do: 1½, not 1.5' },
  { id: 'kitchen-6', title: 'Make a shopping list from several recipes', waitsFor: ['kitchen-4'] },
  { id: 'kitchen-7', title: 'Print a recipe', waitsFor: ['kitchen-4', 'kitchen-5'] },
  { id: 'kitchen-8', title: 'Convert an oven’s °F to °C', type: 'bug' },
  { id: 'kitchen-9', title: 'List every function in the README', waitsFor: ['kitchen-6', 'kitchen-7'], type: 'chore' },
  { id: 'kitchen-10', priority: 3, title: 'Add a LICENSE', parent: null, type: 'chore' },
  { id: 'kitchen-11', priority: 3, title: 'Tell long cooking times in hours', parent: null },
];

/** The text of `.beads/issues.jsonl`. */
export function writeBacklog(now = new Date()) {
  const stamp = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return backlog.map((issue) => `${JSON.stringify(toBeads(issue, stamp))}\n`).join('');
}

function toBeads({ id, title, type = 'feature', priority = 2, parent = 'kitchen-1', waitsFor = [] }, stamp) {
  const link = (to, kind) => ({ issue_id: id, depends_on_id: to, type: kind, created_at: stamp, created_by: 'demo' });
  const parents = parent === null || type === 'epic' ? [] : [link(parent, 'parent-child')];
  const dependencies = [...parents, ...waitsFor.map((other) => link(other, 'blocks'))];
  return {
    id,
    title,
    status: 'open',
    priority,
    issue_type: type,
    created_at: stamp,
    updated_at: stamp,
    ...(dependencies.length > 0 && { dependencies }),
  };
}
