/** What has a name, in an order. */
interface Named {
  readonly name: string;
}

/**
 * Finds things of a list by name. Who asks in another list's order says where the name stands there: most stand at the same place in both,
 * and an index is made only for the first one that does not.
 */
export function findByName<Each extends Named>(all: readonly Each[]): (name: string, index?: number) => Each | undefined {
  return findBy(all, ({ name }) => name);
}

/** As `findByName`, for things whose name lies deeper. */
export function findBy<Each>(all: readonly Each[], nameOf: (each: Each) => string): (name: string, index?: number) => Each | undefined {
  let byName: ReadonlyMap<string, Each> | null = null;
  return (name, index = -1) => {
    const here = all[index];
    if (here !== undefined && nameOf(here) === name) return here;
    byName ??= new Map(all.map((each) => [nameOf(each), each]));
    return byName.get(name);
  };
}
