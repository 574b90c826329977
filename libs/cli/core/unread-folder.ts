import type { DoctorReply, StatusReply } from '@kedge/shared/contracts';
import { configurationState } from './configuration-state.ts';

/**
 * A status with why the watcher makes nothing of what the folder holds now, as its `parts` tell. As it was where it reads the folder, and where
 * a verdict on that is told already.
 */
export function withUnread(status: StatusReply, parts: DoctorReply['parts'] | null): StatusReply {
  const reason = parts?.config;
  const { config } = status;
  // That nobody has read one yet is no verdict, and says less.
  const isJudged = config.problem !== null && configurationState(config) !== 'unread';
  if (typeof reason !== 'string' || isJudged) return status;
  const problem = config.revision === null ? reason : `${reason}; until it can be read, the one before stays in force`;
  return { ...status, config: { ...config, state: 'unread', problem } };
}
