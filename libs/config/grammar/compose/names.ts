import { z } from 'zod';
import { HostName, IpAddress, isHostAddress } from '../address-forms.ts';
import { formed } from '../told.ts';

const oneOrMore = 'must be one address, or an array of addresses';

/** Addresses only: a name server cannot be found by a name. Always a list afterwards. */
export const Dns = formed(
  z.union([IpAddress, z.array(IpAddress)], { error: oneOrMore }).transform((given) => [given].flat()),
  'array of addresses, or one',
);

const hostForm = 'must be a name and its address, such as "db:10.0.0.7", "db=::1" or "host:host-gateway"';

const HostText = z.string().transform((given, context) => {
  const [, name = '', address = ''] = /^([^:=]+)[:=](.+)$/.exec(given) ?? [];
  return entry(name, address) ?? refused(context);
});

const Address = z.union([z.string(), z.array(z.string())], { error: 'must be an address, or an array of addresses' });

const HostTable = z
  .record(z.string(), Address)
  .transform((given, context) =>
    Object.entries(given).flatMap(([name, addresses]) =>
      [addresses].flat().map((address) => entry(name, address) ?? refused(context, [name])),
    ),
  );

/** A list or a table; told as `name:address`, IPv6 without brackets. */
export const ExtraHosts = formed(
  z.union([z.array(HostText), HostTable], { error: `${hostForm}: an array of those, or a table` }),
  'array of `name:address`, or table',
);

function entry(name: string, written: string): string | null {
  const address = written.trim().replace(/^\[(.*)\]$/, '$1');
  const fits = HostName.safeParse(name.trim()).success && (address === 'host-gateway' || isHostAddress(address));
  return fits ? `${name.trim()}:${address}` : null;
}

function refused(context: z.core.$RefinementCtx, path: string[] = []) {
  context.issues.push({ code: 'custom', message: hostForm, input: undefined, path });
  return z.NEVER;
}
