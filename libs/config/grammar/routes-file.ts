import { parsePasswordHash, UserName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { HostName, PublishedAddress } from './address-forms.ts';
import { Port, PositiveDuration } from './leaf-forms.ts';
import { ProxySettings } from './main-file.ts';
import { Route, RoutePart } from './proxy-table.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const targetForm =
  'must be an address with a port, such as "127.0.0.1:3000", "[::1]:3000" or "app:3000", or a socket, such as "unix:/run/app.sock"';
/** A socket has no port; the number is never used. */
const noPort = 1;

/** Where requests go: an address or a name, and a port; or the socket of a file system. */
export const TargetAddress = formed(
  z.string().transform((text, context): { readonly address: string; readonly port: number } => {
    if (/^unix:\/[^\0]+$/.test(text)) return { address: text, port: noPort };
    const [, bracketed, bare, digits = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9_.-]{1,253})):(\d{1,5})$/.exec(text) ?? [];
    const [address, port] = [bracketed ?? bare, Number(digits)];
    if (address !== undefined && port > 0 && port < 65_536) return { address, port };
    context.issues.push({ code: 'custom', message: targetForm, input: text });
    return z.NEVER;
  }),
  'address:port',
);

export type TargetAddress = z.infer<typeof TargetAddress>;

const Targets = z
  .array(TargetAddress)
  .min(1, 'must name at least one')
  .max(1_000, 'must not name more than 1000')
  .refine((all) => new Set(all.map(({ address, port }) => `${address} ${port}`)).size === all.length, 'must name each once');
const targets = () => told(formed(Targets, 'array of address:port'), 'who answers; they take turns');

const PasswordHashText = z.string().superRefine((text, context) => {
  const hash = parsePasswordHash(text);
  if (hash.kind === 'unusable') context.addIssue({ code: 'custom', message: `cannot be used: ${hash.reason}` });
});

const basicAuth = told(
  z.record(UserName, formed(PasswordHashText, 'text')),
  'names, and the hashes of their passwords (argon2id, as `$argon2id$v=19$m=65536,t=3,p=1$…`, or bcrypt); others get 401',
);

/** `[[route]]`. */
export const StaticRoute = Route.omit({ service_port: true, cert_file: true, key_file: true }).extend({
  name: told(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,55}$/, 'must be letters, digits, "_", "." or "-", 2 to 56 of them'), {
    description: 'in logs and metrics',
    fallback: 'the first host',
  }).optional(),
  targets: targets(),
  basic_auth: basicAuth.optional(),
});

export type StaticRoute = z.infer<typeof StaticRoute>;

const StaticPort = z.strictObject({
  host: told(Port, 'where connections are taken'),
  host_ip: told(PublishedAddress, { description: 'of the host, IPv4 or IPv6', fallback: 'where the proxy listens' }).optional(),
  protocol: told(spelling({ tcp: [], udp: [] }), { description: 'which of the two', default: 'tcp' }).optional(),
  targets: targets(),
  tls: told(HostName, {
    description: 'clients speak TLS and are shown the certificate of this host; the target hears what they say without',
    fallback: 'no TLS',
  }).optional(),
  idle_timeout: told(PositiveDuration, {
    description: 'how long a connection stays on which nobody says anything',
    fallback: '`1h`, of UDP `1m`',
  }).optional(),
  proxy_protocol: told(spelling({ v1: [], v2: [] }), {
    description: 'what the target is told of the client, in front of what that says',
    fallback: 'nothing',
  }).optional(),
});

/** The routes of a proxy that runs alone, as the user wrote them. */
export const RoutesFile = z.strictObject({
  proxy: told(ProxySettings, 'as in the main file of a configuration').optional(),
  route: told(z.array(StaticRoute), 'what `[proxy]` of a `service.toml` says, and who answers').default([]),
  port: told(z.array(StaticPort), 'ports on which connections of TCP, or datagrams of UDP, are taken').default([]),
});
export type RoutesFile = z.infer<typeof RoutesFile>;

/** What of it may matter although something is wrong in it, as in `ServicePart`. */
export const RoutesPart = z
  .object({
    proxy: ProxySettings.partial().strip(),
    route: z.array(RoutePart.omit({ basic_auth: true }).extend({ name: z.string() }).partial().strip().nullable()),
    port: z.array(StaticPort.partial().strip().nullable()),
  })
  .partial();
export type RoutesPart = z.infer<typeof RoutesPart>;
