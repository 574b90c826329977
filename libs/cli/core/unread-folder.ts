import type { DoctorReply, StatusReply } from '@kedge/shared/contracts';

/**
 * A status with why the watcher makes nothing of what the folder holds now, as its `parts` tell. As it was where it reads the folder, and where
 * a verdict on that is told already.
 */
export function withUnread(status: StatusReply, parts: DoctorReply['parts'] | null): StatusReply {
  const reason = parts?.config;
  const { config } = status;
  if (typeof reason !== 'string' || config.problem !== null) return status;
  const problem = config.revision === null ? reason : `${reason}; until it can be read, the one before stays in force`;
  return { ...status, config: { ...config, state: 'unread', problem } };
}
