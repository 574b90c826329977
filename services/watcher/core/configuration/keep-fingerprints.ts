import { type SecretRef, ServiceSpec } from '@kedge/shared/contracts';

/** Fingerprints that secrets gave for a reference whose stored fingerprint was kept, by reference. */
export type Baseline = ReadonlyMap<string, string>;

/**
 * Fingerprints are made with a key of the secrets component. When that key is lost, all of them change although no value did; then the
 * stored ones stay, so that nothing rolls. What secrets says under its new key is `seen`, for the baseline of the next pass: the next
 * difference to that is a change of the value. A spec in which nothing is kept comes back as the very same value.
 */
export function keepFingerprints(
  spec: ServiceSpec,
  { stored, baseline }: { readonly stored: ServiceSpec | undefined; readonly baseline: Baseline },
): { readonly spec: ServiceSpec; readonly seen: Baseline } {
  const seen = new Map<string, string>();

  function keep(next: SecretRef, before: unknown): SecretRef {
    if (!isRef(before) || next.ref !== before.ref || keyId(next) === keyId(before)) return next;
    const known = baseline.get(next.ref);
    const isNewValue = known !== undefined && keyId({ fingerprint: known }) === keyId(next) && known !== next.fingerprint;
    seen.set(next.ref, next.fingerprint);
    return isNewValue ? next : before;
  }

  function keepWithin(next: unknown, before: unknown): unknown {
    if (!isTable(next) || !isTable(before)) return next;
    if (isRef(next)) return keep(next, before);
    const kept = Object.entries(next).map(([key, each]) => [key, keepWithin(each, before[key])] as const);
    if (kept.every(([key, each]) => each === next[key])) return next;
    return Array.isArray(next) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
  }

  const kept = keepWithin(spec, stored);
  return { spec: kept === spec ? spec : ServiceSpec.parse(kept), seen };
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Told without its schema: every table of every spec is looked at. */
function isRef(value: unknown): value is SecretRef {
  return isTable(value) && typeof value.ref === 'string' && typeof value.fingerprint === 'string' && Object.keys(value).length === 2;
}

function keyId({ fingerprint }: Pick<SecretRef, 'fingerprint'>): string {
  return fingerprint.slice(0, fingerprint.indexOf(':'));
}
