import { SecretRef, ServiceSpec } from '@kedge/shared/contracts';

/** Fingerprints that secrets gave for a reference whose stored fingerprint was kept, by reference. */
export type Baseline = ReadonlyMap<string, string>;

/**
 * Fingerprints are made with a key of the secrets component. When that key is lost, all of them change although no value did; then the
 * stored ones stay, so that nothing rolls. What secrets says under its new key is remembered: the next difference to that is a change of
 * the value.
 */
export function keepFingerprints(
  spec: ServiceSpec,
  stored: ServiceSpec | undefined,
  baseline: Baseline,
): { readonly spec: ServiceSpec; readonly baseline: Baseline } {
  if (!stored) return { spec, baseline };
  const seen = new Map(baseline);

  function keep(next: SecretRef, before: unknown): SecretRef {
    if (!isRef(before) || next.ref !== before.ref || keyId(next) === keyId(before)) return next;
    const known = baseline.get(next.ref);
    const isNewValue = known !== undefined && keyId({ fingerprint: known }) === keyId(next) && known !== next.fingerprint;
    seen.set(next.ref, next.fingerprint);
    return isNewValue ? next : before;
  }

  function keepWithin(next: unknown, before: unknown): unknown {
    if (isRef(next)) return keep(next, before);
    if (Array.isArray(next)) return next.map((each: unknown, index) => keepWithin(each, Array.isArray(before) ? before[index] : undefined));
    if (!isTable(next)) return next;
    return Object.fromEntries(
      Object.entries(next).map(([key, each]) => [key, keepWithin(each, isTable(before) ? before[key] : undefined)]),
    );
  }

  return { spec: ServiceSpec.parse(keepWithin(spec, stored)), baseline: seen };
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isRef(value: unknown): value is SecretRef {
  return isTable(value) && SecretRef.safeParse(value).success && Object.keys(value).length === 2;
}

function keyId({ fingerprint }: Pick<SecretRef, 'fingerprint'>): string {
  return fingerprint.slice(0, fingerprint.indexOf(':'));
}
