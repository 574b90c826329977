import type { StatusReply } from '@kedge/shared/contracts';
import { configurationState } from './configuration-state.ts';

/** A status with why nothing can be made of what the folder holds now, beside a verdict on what it held before; as it was without a reason. */
export function withUnread(status: StatusReply, reason: string | null): StatusReply {
  if (reason === null) return status;
  const { config } = status;
  const { problem } = config;
  // That nobody has read one yet is no verdict, and says less.
  if (problem !== null && configurationState(config) !== 'unread') {
    return { ...status, config: { ...config, problem: andUnread(problem, reason) } };
  }
  const told = config.revision === null ? reason : `${reason}; until it can be read, the one before stays in force`;
  return { ...status, config: { ...config, state: 'unread', problem: told } };
}

/** A verdict on what the folder held before, with why nothing can be made of what it holds now. */
export function andUnread(verdict: string, reason: string): string {
  return `${verdict}; and now the folder cannot be read: ${reason}`;
}
