import type { Socket } from 'node:net';

interface Joined {
  readonly client: Socket;
  readonly target: Socket;
  readonly idleMs: number;
}

/** The longest that a timer of Node can take. */
const longestMs = 2_147_483_647;

/**
 * Lets both say to each other what they have to say: who ends its half goes on hearing the other. Who breaks off ends both, and what was
 * said before that still arrives. All bytes pass the client's socket, so that its silence is that of both.
 */
export function joinSockets({ client, target, idleMs }: Joined): void {
  const breakOff = () => {
    client.destroy();
    target.destroy();
  };
  endWith(client, target);
  endWith(target, client);
  client.setTimeout(Math.min(idleMs, longestMs), breakOff);
  client.pipe(target);
  target.pipe(client);
}

/** When `one` is gone before its time, so is `other`. */
function endWith(one: Socket, other: Socket): void {
  one.once('close', () => {
    if (!one.readableEnded) other.resetAndDestroy();
    else if (!one.writableFinished) other.destroySoon();
  });
}
