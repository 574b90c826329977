import type { SecretableText, ServiceSpec } from '@kedge/shared/contracts';

/** Where a container may hold secrets; what stands there in the engine's words is the adapter's business. */
export type SecretTable = 'env' | 'command' | 'entrypoint' | 'labels' | 'healthcheck' | 'logging';

/** The places of all secret values of a spec: `env/TOKEN`, `command/1`. */
export function secretPlaces({ service, env = {} }: Pick<ServiceSpec, 'service' | 'env'>): readonly string[] {
  const tables: Readonly<Record<SecretTable, Readonly<Record<string, SecretableText>>>> = {
    env,
    command: byPosition(service.command),
    entrypoint: byPosition(service.entrypoint),
    labels: service.labels ?? {},
    healthcheck: byPosition(service.healthcheck?.test),
    logging: service.logging?.options ?? {},
  };
  return Object.entries(tables).flatMap(([table, texts]) =>
    Object.entries(texts).flatMap(([key, text]) => (typeof text === 'string' ? [] : [`${table}/${key}`])),
  );
}

/** The words of a list by their position. */
export function byPosition<Word>(words: readonly Word[] | null | undefined): Readonly<Record<string, Word>> {
  return Object.fromEntries((words ?? []).entries());
}
