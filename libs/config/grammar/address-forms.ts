import { isIP } from 'node:net';
import { posix } from 'node:path';
import { z } from 'zod';
import { refuseHost } from './host-refusal.ts';
import { notOdd } from './odd-characters.ts';
import { formed } from './told.ts';

const hostForm = /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]*[a-zA-Z0-9_])?$/;

/** A bare host name. */
export const HostName = formed(
  z.string().superRefine((host, context) => {
    if (!hostForm.test(host)) refuseHost(host, context);
  }),
  { form: 'host name', pattern: hostForm.source },
);

/** Of the kernel (`HOST_NAME_MAX`), in bytes. */
const longestOwnName = 64;

/** How a container calls itself: engine and kernel take any text that is short enough, also what no program takes for a name. */
export const OwnHostName = formed(
  z
    .string()
    .refine((name) => Buffer.byteLength(name) <= longestOwnName, {
      error: `must not be longer than ${longestOwnName} bytes; the kernel holds no more`,
      params: notOdd,
    })
    .refine((name) => !/[\0\r\n]/.test(name), {
      error: 'must not have NUL or a line break: it becomes a line of "/etc/hosts"',
      params: notOdd,
    }),
  'host name',
);

const unbracketed = z.string().overwrite((text) => text.replace(/^\[(.*)\]$/, '$1'));
const addressForm = 'must be an IP address such as "127.0.0.1" or "::1"';

/** IPv6 with the brackets that Compose asks for, or without; told without. */
export const IpAddress = formed(
  unbracketed.refine((text) => isIP(text) !== 0, addressForm),
  'address',
);

const withPort = /^(?:\[.*\]|[^:]+):\d+$/;
const alone = `${addressForm}, alone: the port of the host has a key of its own, host`;

/** An address of the host on which a port is published. */
export const PublishedAddress = formed(
  unbracketed.refine((text) => isIP(text) !== 0, { error: ({ input }) => (withPort.test(String(input)) ? alone : addressForm) }),
  'address',
);

/** One that a line of `/etc/hosts` may have: the engine takes none with a zone there. */
export function isHostAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** Where a name leads that a container is told: an address, or the host itself by the word that the engine has for it. */
export const HostAddress = formed(
  unbracketed.refine(
    (text) => text === 'host-gateway' || isHostAddress(text),
    'must be an IP address such as "10.0.0.7" or "::1", or "host-gateway"',
  ),
  'address, or `host-gateway`',
);

const noNul = [
  (path: string) => !path.includes('\0'),
  { error: 'must not contain the character NUL; no file has it in its name', params: notOdd },
] as const;

/** A file or folder, whose place is judged elsewhere. */
export const FilePath = z
  .string()
  .min(1, 'must not be empty')
  .refine(...noNul);

/** A folder in a container. */
export const AbsolutePath = formed(
  z
    .string()
    .startsWith('/', { error: 'must begin with "/"', abort: true })
    .refine(...noNul),
  'path',
);

/** Where a volume appears in a container. The engine takes source and target as one text, with a `:` between them. */
export const MountPoint = AbsolutePath.refine(
  (path) => !path.includes(':'),
  'must not contain ":"; the engine could not tell where it ends',
).refine((path) => posix.resolve(path) !== '/', 'must not be "/": that is the image itself');

/** What may stand in a request; the second says what to do. */
export const printableForm = [
  /^[\x21\x22\x24-\x7e]*$/,
  'must have neither blanks nor "#"; write them and what is not ASCII percent-encoded, such as "%20"',
] as const;

/** What a gate asks for; a query may follow. */
export const RequestPath = AbsolutePath.regex(...printableForm);
