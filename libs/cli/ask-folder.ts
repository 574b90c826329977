import { askInstances } from './ask-instances.ts';
import type { CliBus } from './connect.ts';

/** For one that is there and does not answer, in milliseconds: it reads from the bus first. Who is not there is known at once. */
const timeoutMs = 2_000;

/** Why no watcher can make anything of what the folder holds now; null where one of them can, or nobody tells. */
export async function askFolder(bus: Pick<CliBus, 'request'>): Promise<string | null> {
  const { replies } = await askInstances(bus, 'watcher', { questions: 8, timeoutMs });
  const [first, ...others] = replies.map(({ parts }) => parts.config);
  return typeof first === 'string' && others.every((other) => typeof other === 'string') ? first : null;
}
