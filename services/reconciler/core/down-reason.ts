import type { NodeRecord } from '@kedge/shared/contracts';

/** What people are told while everything is down. */
export function downReason({ since, actor }: NonNullable<NodeRecord['down']>): string {
  return `everything was taken down at ${since}${actor === undefined ? '' : ` by ${actor}`}; "kedge up" starts it again`;
}
