/** Codes of a service that waits for another one: it is looked at often, because the other one says nothing when it is there. */
const forDependency = new Set(['DEPENDENCY_PENDING', 'DEPENDENCY_FAILED']);

/** True when a service waits for what it depends on, for however long. */
export function isForDependency(code: string): boolean {
  return forDependency.has(code) || code === 'DEPENDENCY_TIMEOUT';
}

/** True when a look costs nobody anything and the obstacle may be gone any second. */
export function isLookedAtOften(code: string): boolean {
  return forDependency.has(code);
}
