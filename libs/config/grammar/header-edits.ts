import { HeaderName, HeaderValues, plainHeader } from '@kedge/shared/contracts';
import { z } from 'zod';
import { formed, told } from './told.ts';

const inHandshake =
  'is a part of the handshake of a WebSocket, which fails when client and service do not see the same of it; leave it to those two';

function isInHandshake(name: string): boolean {
  return plainHeader(name).startsWith('sec-websocket-');
}

const setOnes = HeaderValues.superRefine((values, context) => {
  for (const name of Object.keys(values)) if (isInHandshake(name)) context.addIssue({ code: 'custom', path: [name], message: inHandshake });
});
const removedOnes = formed(z.array(HeaderName.refine((name) => !isInHandshake(name), inHandshake)), 'array of names');

/**
 * What a route changes of the headers of requests, or of answers; `set` tells people what the first of its keys is. Files are refused more
 * than what stands in KV: rules there that cannot be read would close the route.
 */
export function headerEdits(set: string) {
  return z.strictObject({
    set: told(setOnes, set).optional(),
    remove: told(removedOnes, { description: 'those that go, in any case', fallback: 'none' }).optional(),
  });
}
