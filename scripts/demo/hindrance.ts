import { text } from 'node:stream/consumers';
import { StatusReply } from '@kedge/shared/contracts';

/**
 * Reads what `kedge status --json` prints. Where nothing new starts before a person says so, it tells what is the matter, and on the next line
 * what to do; of anything else it says nothing, and ends with 1.
 */
const { down, config } = StatusReply.parse(JSON.parse(await text(process.stdin)));
const hindrances = [
  ...(config.state === 'held' && config.problem !== null
    ? [
        {
          what: config.problem,
          cure: '"./kedge apply" asks, and puts it in force; to keep them, name your own folder with KEDGE_CONFIG and start again',
        },
      ]
    : []),
  ...(config.state === 'rejected' && config.problem !== null
    ? [{ what: config.problem, cure: '"./kedge validate" shows each problem; what is mended is read at once' }]
    : []),
  ...(down ? [{ what: `everything was taken down${byWhom(down.actor)}`, cure: '"./kedge up" starts it again' }] : []),
];
if (hindrances.length === 0) process.exit(1);
console.log(hindrances.map(({ what }) => what).join('; '));
console.log(hindrances.map(({ cure }) => cure).join('; then '));

/** On one line, whatever somebody called himself. */
function byWhom(actor = ''): string {
  const name = actor.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return name === '' ? '' : ` by ${name}`;
}
