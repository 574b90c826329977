/** The cycles of a graph of names, each once and starting at its first name in the order of the graph. Names not in the graph are ignored. */
export function findCycles(dependencies: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const finished = new Set<string>();

  for (const name of dependencies.keys()) visit(name, []);
  return cycles;

  function visit(name: string, path: readonly string[]): void {
    const known = path.indexOf(name);
    if (known >= 0) {
      cycles.push(path.slice(known));
      return;
    }
    if (finished.has(name)) return;
    for (const next of dependencies.get(name) ?? []) if (dependencies.has(next)) visit(next, [...path, name]);
    finished.add(name);
  }
}
