import type { PlanReply, SecretRef, ServiceSpec } from '@kedge/shared/contracts';

/** One key of a service that a roll changes. Null: it is not declared. */
export type Difference = NonNullable<PlanReply['changes'][number]['differences']>[number];

/** What stands for a value that only the secrets component can tell. */
const sealed = '(secret)';
/** As much of a value as a line of a plan holds. */
const longestValue = 80;

/**
 * What differs between two declarations of a service, by dotted key, in the order of the names. Another secret is told
 * as changed (null before and after), never shown.
 */
export function specDifferences(before: ServiceSpec, after: ServiceSpec): readonly Difference[] {
  const old = leavesOf(before);
  const young = leavesOf(after);
  const keys = [...new Set([...old.keys(), ...young.keys()])].toSorted();
  return keys.flatMap((key): Difference[] => {
    const [from, to] = [old.get(key) ?? null, young.get(key) ?? null];
    if (from?.mark === to?.mark) return [];
    if (from?.shown === sealed && to?.shown === sealed) return [{ key, from: null, to: null }];
    return [{ key, from: from?.shown ?? null, to: to?.shown ?? null }];
  });
}

/** `mark` tells values apart, `shown` may be seen by anybody. */
interface LeafValue {
  readonly mark: string;
  readonly shown: string;
}

function leavesOf(spec: ServiceSpec): ReadonlyMap<string, LeafValue> {
  const leaves = new Map<string, LeafValue>();
  visit(spec, '');
  return leaves;

  function visit(value: unknown, key: string): void {
    if (value === undefined) return;
    if (isSecret(value)) leaves.set(key, { mark: value.fingerprint, shown: sealed });
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) visit(each, `${key}[${index}]`);
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value)) visit(each, key === '' ? name : `${key}.${name}`);
    else leaves.set(key, { mark: JSON.stringify(value), shown: shorten(String(value)) });
  }
}

function isSecret(value: unknown): value is SecretRef {
  return typeof value === 'object' && value !== null && 'fingerprint' in value && 'ref' in value;
}

function shorten(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
