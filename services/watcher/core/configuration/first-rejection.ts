import type { ConfigManifest, ConfigProblem, NodeName } from '@kedge/shared/contracts';

interface Rejection {
  readonly node: NodeName;
  readonly problems: readonly ConfigProblem[];
  readonly now: Date;
}

/** A manifest in form, which holds nothing but what was rejected. */
export function rejectionRecord({ node, problems, now }: Rejection): ConfigManifest {
  const rejected = { problems: [...problems], since: now.toISOString() };
  return { node, revision: '', entry: '', services: {}, delay: 60, rejected };
}
