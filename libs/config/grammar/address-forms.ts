import { isIP } from 'node:net';
import { posix } from 'node:path';
import { z } from 'zod';
import { formed } from './told.ts';

const hostForm = /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]*[a-zA-Z0-9_])?$/;

/** A bare host name: what stands in the `Host` header, without a port. */
export const HostName = formed(
  z.string().regex(hostForm, 'must be a bare host name such as "app.example.com": no scheme, port, path or "*"'),
  'host name',
);

/** How a container calls itself. The kernel holds no more (`HOST_NAME_MAX`). */
export const OwnHostName = HostName.max(64, 'must not be longer than 64 characters');

/** IPv6 with the brackets that Compose asks for, or without; told without. */
export const IpAddress = formed(
  z
    .string()
    .overwrite((text) => text.replace(/^\[(.*)\]$/, '$1'))
    .refine((text) => isIP(text) !== 0, 'must be an IP address such as "127.0.0.1" or "::1"'),
  'address',
);

/** Where a name leads that a container is told: an address, or the host itself by the word that the engine has for it. */
export const HostAddress = formed(
  z
    .string()
    .overwrite((text) => text.replace(/^\[(.*)\]$/, '$1'))
    .refine((text) => text === 'host-gateway' || isIP(text) !== 0, 'must be an IP address such as "10.0.0.7" or "::1", or "host-gateway"'),
  'address, or `host-gateway`',
);

/** A folder in a container. */
export const AbsolutePath = formed(z.string().startsWith('/', { error: 'must begin with "/"', abort: true }), 'path');

/** Where a volume appears in a container. The engine takes source and target as one text, with a `:` between them. */
export const MountPoint = AbsolutePath.refine(
  (path) => !path.includes(':'),
  'must not contain ":"; the engine could not tell where it ends',
).refine((path) => posix.resolve(path) !== '/', 'must not be "/": that is the image itself');

const asked = /^[\x21\x22\x24-\x7e]*$/;
const askedForm = 'must have neither blanks nor "#"; write them and what is not ASCII percent-encoded, such as "%20"';

/** What a gate asks for; a query may follow. */
export const RequestPath = AbsolutePath.regex(asked, askedForm);

/** The beginning of the paths of a route. */
export const RoutePath = formed(
  z
    .string()
    .regex(asked, askedForm)
    .refine((path) => !path.includes('?'), 'must not contain "?": requests are told apart by their path alone'),
  'path',
);
