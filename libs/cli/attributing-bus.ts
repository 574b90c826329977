import { subjects } from '@kedge/shared/contracts';
import { errorCode, RetryableError } from '@kedge/shared/kernel';
import type { CliBus } from './connect.ts';
import { ownTrouble } from './core/obstacle-words.ts';

/**
 * A bus whose answers say whose trouble they tell: a component that has no connection itself answers in words that look as if ours were
 * away. Code and cause stay.
 */
export function attributingBus(bus: CliBus): CliBus {
  const request: CliBus['request'] = async (subject, data, options) => {
    try {
      return await bus.request(subject, data, options);
    } catch (thrown) {
      const told = bus.isConnected() ? ownTrouble({ code: errorCode(thrown) }, subjects[subject].owner) : null;
      throw told === null ? thrown : new RetryableError(errorCode(thrown), told, { cause: thrown });
    }
  };
  return { ...bus, request };
}
