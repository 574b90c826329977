import { Digest, ReleaseName, ServiceName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { labels, type ObservedContainer } from '../ports.ts';

const Names = z.array(z.string());

const KedgeLabels = z.object({
  [labels.node]: z.string().min(1),
  [labels.service]: ServiceName,
  [labels.release]: ReleaseName,
  [labels.rollout]: z.string(),
  [labels.slot]: z.string().regex(/^\d+$/).transform(Number),
  [labels.shape]: z.string(),
  [labels.image]: z.string(),
  [labels.digest]: Digest,
  [labels.source]: z.enum(['registry', 'local']),
  [labels.address]: z.ipv4().nullable().default(null),
  [labels.networks]: z.string().default('[]').transform(namesOf),
  [labels.routes]: z.string().default('[]').transform(namesOf),
  [labels.alone]: z.string().default('false'),
});

/** Where a container belongs by its labels; null when they are missing or incomplete, for then Kedge did not make it. */
export function readKedgeLabels(of: Readonly<Record<string, string>>): ObservedContainer['kedge'] {
  const { success, data } = KedgeLabels.safeParse(of);
  if (!success) return null;
  return {
    node: data[labels.node],
    service: data[labels.service],
    release: data[labels.release],
    rollout: data[labels.rollout],
    slot: data[labels.slot],
    shape: data[labels.shape],
    image: data[labels.image],
    digest: data[labels.digest],
    source: data[labels.source],
    address: data[labels.address],
    networks: data[labels.networks],
    routes: data[labels.routes],
    isAlone: data[labels.alone] === 'true',
  };
}

/** The list that a label holds; empty where it holds something else. */
function namesOf(text: string): readonly string[] {
  try {
    return Names.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** True when both containers were made by the same rollout with the same configuration: making one again would give the other. */
export function isSameWork(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return [labels.rollout, labels.shape].every((label) => one[label] !== undefined && one[label] === other[label]);
}
