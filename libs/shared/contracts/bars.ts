import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Digest, Instant, NodeName, ReleaseName, ServiceName, Ulid } from './names.ts';
import { VerdictReason } from './rollout.ts';

/** KV `bars`, key `<node>.<service>`: releases that were judged; never retried by themselves. */
export const BarRecord = z
  .object({
    node: NodeName,
    service: ServiceName,
    bars: z.array(
      z.object({
        release: ReleaseName,
        digest: Digest,
        reason: VerdictReason,
        message: z.string(),
        rollout: Ulid,
        at: Instant,
        /** Hash of the declaration it was judged under (`ServiceEntry.hash`): under another one the verdict does not count. */
        declaration: z.string().optional(),
      }),
    ),
    ...owing,
  })
  .meta({ id: 'BarRecord' });
export type BarRecord = z.infer<typeof BarRecord>;

/** `release.barred`: the release was judged, and is not tried again before its spec or digest changes or somebody clears it. */
export const ReleaseBarred = z
  .object({ release: ReleaseName, digest: Digest, reason: VerdictReason, message: z.string() })
  .meta({ id: 'ReleaseBarred' });
export type ReleaseBarred = z.infer<typeof ReleaseBarred>;

/** `release.cleared`: these may be tried again. */
export const ReleaseCleared = z.object({ releases: z.array(ReleaseName), reason: z.string() }).meta({ id: 'ReleaseCleared' });
export type ReleaseCleared = z.infer<typeof ReleaseCleared>;
