import type { AccessLog, Refused } from './access-log.ts';
import type { Traffic } from './traffic.ts';

interface RefusalBooks {
  readonly traffic: Pick<Traffic, 'refused'>;
  readonly access: Pick<AccessLog, 'wantsRefused' | 'refused'>;
}

/** Writes down what was answered before it was anybody's request. */
export function noteRefusal({ traffic, access }: RefusalBooks, refused: Refused): void {
  traffic.refused(refused.status);
  if (access.wantsRefused(refused.status)) access.refused(refused);
}
