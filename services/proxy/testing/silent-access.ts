import type { AccessLog } from '../access-log.ts';

/** Writes nothing down. */
export const silentAccess: AccessLog = {
  wants: () => false,
  wantsRefused: () => false,
  ended: () => undefined,
  refused: () => undefined,
};
