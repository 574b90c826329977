type Graph = ReadonlyMap<string, readonly string[]>;
/** Each name depends on the next, and the last on the first. */
type Cycle = readonly string[];

/**
 * The knots of a graph of names: names that all depend on each other, in the order of the graph. Of each its shortest cycle, and then for
 * each name that none has told yet the shortest through that one. Names that are not in the graph are ignored.
 */
export function findCycles(dependencies: Graph): readonly (readonly Cycle[])[] {
  // Neither what only leads to a knot, nor what a knot only leads to.
  const graph = reversed(entangled(reversed(entangled(dependencies))));
  const placed = new Set<string>();
  const knots: Cycle[][] = [];

  for (const name of graph.keys()) {
    if (placed.has(name)) continue;
    const knot = knotOf(name, graph);
    for (const each of knot) placed.add(each);
    if (knot.length > 0) knots.push(tellingCycles(knot, graph));
  }
  return knots;
}

/** Without names that depend on nothing here, nor those that depend on such only: of a sound graph nothing is left. */
function entangled(dependencies: Graph): Graph {
  const graph = new Map([...dependencies].map(([name, on]) => [name, on.filter((each) => dependencies.has(each))]));
  const dependents = reversed(graph);
  const open = new Map([...graph].map(([name, on]) => [name, on.length]));
  const free = [...graph.keys()].filter((name) => open.get(name) === 0);
  for (const name of free) {
    graph.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return graph;
}

function reversed(graph: Graph): Graph {
  const dependents = new Map([...graph.keys()].map((name): [string, string[]] => [name, []]));
  for (const [name, on] of graph) for (const each of on) dependents.get(each)?.push(name);
  return dependents;
}

/** Names that lead to this one and that it leads to; empty when it does not lead to itself. */
function knotOf(name: string, graph: Graph): readonly string[] {
  const onward = reachedFrom(name, graph);
  const back = reachedFrom(name, reversed(graph));
  return [...graph.keys()].filter((each) => onward.has(each) && back.has(each));
}

function reachedFrom(start: string, graph: Graph): ReadonlyMap<string, string> {
  /** By name, the one that led to it first. */
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (const name of waiting) {
    for (const next of graph.get(name) ?? []) {
      if (!graph.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      waiting.push(next);
    }
  }
  return cameFrom;
}

function tellingCycles(knot: readonly string[], graph: Graph): Cycle[] {
  const cycles = knot.map((name) => shortestThrough(name, graph)).toSorted((left, right) => left.length - right.length);
  const told = new Set<string>();
  return cycles.filter(([first = '', ...others]) => {
    if (told.has(first)) return false;
    for (const name of [first, ...others]) told.add(name);
    return true;
  });
}

function shortestThrough(name: string, graph: Graph): Cycle {
  const cameFrom = reachedFrom(name, graph);
  const path: string[] = [];
  for (let each = cameFrom.get(name) ?? name; each !== name; each = cameFrom.get(each) ?? name) path.unshift(each);
  return [name, ...path];
}
