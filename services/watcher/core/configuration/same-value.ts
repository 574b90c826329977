/** True for JSON values of equal content, whatever the order of their keys; much cheaper than to compare their canonical texts. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [some, others] = [entriesOf(left), entriesOf(right)];
  return (
    some.length === others.length && some.every(([key, value]) => Object.hasOwn(right, key) && sameValue(value, Reflect.get(right, key)))
  );
}

/** What is undefined is not in JSON. */
function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined);
}
