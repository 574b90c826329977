import { lookup } from 'node:dns/promises';
import { errorMessage } from '@kedge/shared/kernel';
import type { ResolveHost } from '../ports.ts';

/** Looks a host up as any program on this machine does: its hosts file, then DNS. */
export const resolveHost: ResolveHost = async (host) => {
  try {
    return { addresses: (await lookup(host, { all: true })).map(({ address }) => address) };
  } catch (thrown) {
    return { problem: errorMessage(thrown) };
  }
};
