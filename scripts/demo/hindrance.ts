import { text } from 'node:stream/consumers';
import { type ServiceStatus, StatusReply } from '@kedge/shared/contracts';

/**
 * Reads what `kedge status --json` prints. Where nothing new starts before a person says so, it tells what is the matter, and on the next line
 * what to do; of anything else it says nothing, and ends with 1.
 * Usage: node scripts/demo/hindrance.ts SECONDS, since the epoch, when the wait began
 */
const begun = Number(process.argv[2]) * 1_000;
/** Between two tries of a name that is taken there is no more, by the reconciler's table. */
const longestPauseMs = 36_000;
const { down, config, services } = StatusReply.parse(JSON.parse(await text(process.stdin)));
const { waiting } = services.find(({ service }) => service === 'hello') ?? {};
const taken = waiting?.code === 'NAME_TAKEN' && isMetSince(waiting) ? waiting : null;
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
  ...(taken
    ? [{ what: `hello waits: ${oneLine(taken.message)} (${taken.code})`, cure: 'take one of the ways that this names, and start again' }]
    : []),
];
if (hindrances.length === 0) process.exit(1);
console.log(hindrances.map(({ what }) => what).join('; '));
console.log(hindrances.map(({ cure }) => cure).join('; then '));

/** What was met before the wait began may have been mended since; it is tried again by itself. */
function isMetSince({ since, retryAt }: NonNullable<ServiceStatus['waiting']>): boolean {
  return Date.parse(since) >= begun || Date.parse(retryAt) > begun + longestPauseMs;
}

function oneLine(words: string): string {
  return words.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

/** On one line, whatever somebody called himself. */
function byWhom(actor = ''): string {
  const name = oneLine(actor);
  return name === '' ? '' : ` by ${name}`;
}
