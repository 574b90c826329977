import { isIP } from 'node:net';
import { shortestIPv6 } from '@kedge/shared/contracts';
import { z } from 'zod';
import { printableForm } from './address-forms.ts';
import { refusalOfLabels, refuseHost } from './host-refusal.ts';
import { formed } from './told.ts';

/** Of a name in DNS (RFC 1035 §2.3.4). */
const longestName = 253;
/** What is not plainly something else: a URL, a name with a port. `*` stands for a whole first label, or alone. */
const bare = /^(?:\[[^\]]*\]|\*|(?:\*\.(?!\.))?[a-zA-Z0-9_.-]+)$/;
const anyLabel = /^\*\./;
const numbers = /^(?:\[.*\]|[\d.]+)$/;

const tooLong = `must not be longer than ${longestName} characters, as names in DNS are`;
const noAddress = 'looks like an address and is none; write it as "10.0.0.7" or "[::1]", or a name';

/**
 * The host of a route, as clients ask for it (RFC 3986 §3.2.2): IPv6 in brackets and in its one shortest form, however it was written, and no dot at the end
 * of a full name, which proxies leave out as well. A label may begin and end with `-` and have `_`: clients send such names.
 */
export const RouteHost = formed(
  z
    .string()
    .overwrite(asAsked)
    .superRefine((host, context) => {
      if (!bare.test(host)) refuseHost(host, context, 'first');
    })
    .refine((host) => host.length <= longestName, { error: tooLong, abort: true })
    .superRefine((host, context) => {
      const message = host.startsWith('[') ? null : refusalOfLabels(host);
      if (message !== null) context.addIssue({ code: 'custom', message, continue: false });
    })
    .refine((host) => !numbers.test(host.replace(anyLabel, '')) || isAddress(host), noAddress),
  { form: 'host name or address', pattern: '^[a-zA-Z0-9_.:*\\[\\]-]+$' },
);

function asAsked(host: string): string {
  const address = shortestIPv6(host.replace(/^\[(.*)\]$/, '$1'));
  if (address !== null) return `[${address}]`;
  // Behind "*" the dot ends no name: "*." is not all that "*" is.
  return host.replace(/(?<=[^.*])\.$/, '');
}

function isAddress(host: string): boolean {
  return isIP(host) === 4 || (isIP(host.replace(/^\[(.*)\]$/, '$1')) === 6 && !host.includes('%'));
}

const dots =
  'must have neither "." nor ".." between its "/": clients resolve them before they ask (RFC 3986 §5.2.4), so that no request would begin with it';

/** The beginning of the paths of a route. How many `/` stand at its end is no matter; between its parts clients keep them all. */
export const RoutePath = formed(
  z
    .string()
    .regex(...printableForm)
    .refine((path) => !path.includes('?'), 'must not contain "?": requests are told apart by their path alone')
    .refine((path) => !path.split('/').some(isDots), dots),
  'path',
);

/** Also percent-encoded, as in the URL Standard. */
function isDots(segment: string): boolean {
  return /^\.{1,2}$/.test(segment.replaceAll(/%2e/gi, '.'));
}
