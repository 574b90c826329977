import { text } from 'node:stream/consumers';
import { StatusReply } from '@kedge/shared/contracts';

/**
 * Reads what `kedge status --json` prints. Where nothing new starts before a person says so, it tells what is the matter, and on the next line
 * what to do; where all goes on by itself it ends with 1, in silence.
 */
const { down, config } = StatusReply.parse(JSON.parse(await text(process.stdin)));
const hindrances = [
  ...(config.state === 'held' && config.problem !== null
    ? [{ what: config.problem, cure: '"./kedge apply" asks, and takes it over' }]
    : []),
  ...(down
    ? [{ what: `everything was taken down${down.actor === undefined ? '' : ` by ${down.actor}`}`, cure: '"./kedge up" starts it again' }]
    : []),
];
if (hindrances.length === 0) process.exit(1);
console.log(hindrances.map(({ what }) => what).join('; '));
console.log(hindrances.map(({ cure }) => cure).join('; then '));
