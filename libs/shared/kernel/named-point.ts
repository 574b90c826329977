import { channel } from 'node:diagnostics_channel';

/** The channel of `node:diagnostics_channel` on which processes say at which named point they are; messages are names. */
export const namedPoints = 'kedge:point';

const points = channel(namedPoints);

/**
 * Says that the process is now at the place called `name`, such as `step.start` or `owed.image.updated`. Whoever wants to see a process
 * stop, wait or die exactly there listens on the channel, without another build of it; where nobody listens it costs nothing.
 */
export function markPoint(name: string): void {
  if (points.hasSubscribers) points.publish(name);
}
