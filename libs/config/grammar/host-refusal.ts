import { domainToASCII } from 'node:url';
import type { z } from 'zod';
import { findOddCharacter } from './odd-characters.ts';

/** Why a host is none. */
interface HostRefusal {
  readonly message: string;
  /** What to write, made of the host itself. */
  readonly quoting?: string;
}

/** What is said of what is nothing else. */
const bareHost = 'must be a bare host name such as "app.example.com": no scheme, port or path';

const alone = 'write the host alone, such as "app.example.com"';
/** What has no place in a host, most telling first. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'must not be empty: write a host name such as "app.example.com"'],
  [/^[a-z][a-z0-9+.-]*:\/\//i, `must not have a scheme in front: ${alone}`],
  [/\s/, 'must not have a blank in it'],
  [/[/?#]/, `must not have a path, nor a query, behind it: ${alone}`],
  [/@/, `must not have a user before "@": ${alone}`],
  [/^[^[]*:\d*$|\]:\d*$/, `must not have a port behind it: ${alone}`],
];
/** Where a host may have no "*", and where one may stand for its first label. */
const starRefusals = {
  none: [/\*/, 'must not have "*": each host is written out'],
  first: [
    /(?<!^)\*|^\*(?!$|\.[^.])/,
    'must have "*" as its whole first label ("*.example.com"), or be "*" alone, which stands for every other host',
  ],
} as const;
/** The places in a host that `*` may have. */
type Stars = keyof typeof starRefusals;
const otherAlphabet = 'must be written in ASCII, as clients ask for it';

/** Tells what makes a text no host name; `bareHost` where it is nothing that people often write. */
function refusalOfHost(host: string, stars: Stars): HostRefusal {
  const odd = findOddCharacter(host);
  // A letter of another alphabet may be meant.
  if (odd && !/\p{L}/u.test(host.charAt(odd.at))) return { message: 'must not have a character that no host name has' };
  const [, message] = [...refusals, starRefusals[stars]].find(([pattern]) => pattern.test(host)) ?? [];
  if (message !== undefined) return { message };
  if (/^[\x20-\x7e]*$/.test(host)) return { message: bareHost };
  const ascii = domainToASCII(host);
  return ascii === '' ? { message: otherAlphabet } : { message: otherAlphabet, quoting: `write "${ascii}"` };
}

/** Tells it where a value is checked; nothing further is asked of that value. */
export function refuseHost(host: string, context: z.core.$RefinementCtx<string>, stars: Stars = 'none'): void {
  const { message, quoting } = refusalOfHost(host, stars);
  context.addIssue({ code: 'custom', message, params: { quoting }, continue: false });
}

/** What is wrong with the parts of a host between its dots. */
export function refusalOfLabels(host: string): string | null {
  const parts = host.split('.');
  if (parts.includes('')) return 'must have something before, between and behind each "."';
  const longest = parts.toSorted((one, other) => other.length - one.length)[0] ?? '';
  return longest.length > longestLabel ? `must have at most ${longestLabel} characters between its dots, as names in DNS have` : null;
}

/** RFC 1035 §2.3.4. */
const longestLabel = 63;
