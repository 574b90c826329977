import type { SecretableText, SecretRef, ServiceSpec } from '@kedge/shared/contracts';

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

  const keep = (next: SecretableText, before: SecretableText | undefined): SecretableText => {
    if (!isRef(next) || !isRef(before) || next.ref !== before.ref || keyId(next) === keyId(before)) return next;
    const known = baseline.get(next.ref);
    const isNewValue = known !== undefined && keyId({ fingerprint: known }) === keyId(next) && known !== next.fingerprint;
    seen.set(next.ref, next.fingerprint);
    return isNewValue ? next : before;
  };
  const keepAll = (next: readonly SecretableText[], before: readonly SecretableText[] | undefined) =>
    next.map((text, index) => keep(text, before?.[index]));

  const keepTable = (next: Readonly<Record<string, SecretableText>>, before: Readonly<Record<string, SecretableText>> | undefined) =>
    Object.fromEntries(Object.entries(next).map(([name, text]) => [name, keep(text, before?.[name])]));

  const { service, env } = spec;
  const kept: ServiceSpec = {
    ...spec,
    service: {
      ...service,
      ...(service.command && { command: keepAll(service.command, stored.service.command) }),
      ...(service.labels && { labels: keepTable(service.labels, stored.service.labels) }),
      ...(service.entrypoint && { entrypoint: keepAll(service.entrypoint, stored.service.entrypoint) }),
    },
    ...(env && { env: keepTable(env, stored.env) }),
  };
  return { spec: kept, baseline: seen };
}

function isRef(text: SecretableText | undefined): text is SecretRef {
  return typeof text === 'object';
}

function keyId({ fingerprint }: Pick<SecretRef, 'fingerprint'>): string {
  return fingerprint.slice(0, fingerprint.indexOf(':'));
}
