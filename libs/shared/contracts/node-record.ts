import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Instant, NodeName, Remark } from './names.ts';

/** `node.requested`: everything down, or up again. */
export const NodeRequested = z.object({ action: z.enum(['down', 'up']), reason: Remark.optional() }).meta({ id: 'NodeRequested' });
export type NodeRequested = z.infer<typeof NodeRequested>;

/** KV `nodes`, key `<node>`: what concerns the node as a whole. */
export const NodeRecord = z
  .object({
    node: NodeName,
    /** Since when everything is down, at whose request; absent while it is up. */
    down: z.object({ since: Instant, actor: z.string().optional(), reason: z.string().optional() }).optional(),
    /** Addresses that left service lately; not given again for 10 minutes, in case somebody still sends there. */
    retired: z.array(z.object({ address: z.ipv4(), at: Instant })).optional(),
    honouredIds: z.array(z.string()).optional(),
    ...owing,
  })
  .meta({ id: 'NodeRecord' });
export type NodeRecord = z.infer<typeof NodeRecord>;
