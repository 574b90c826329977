import { Sealed } from '@kedge/shared/kernel';
import { z } from 'zod';
import { byPosition, type SecretTable } from '../core/secret-places.ts';
import { labels } from '../ports.ts';
import type { DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { shortId } from './docker-inspect.ts';

const Texts = z.array(z.string()).nullish();
const Table = z.record(z.string(), z.string()).nullish();

/** `GET /containers/{id}/json`: what a container was made with. Never logged: secrets stand in it in clear. */
const MadeWith = z.object({
  Config: z.object({
    Env: Texts,
    Cmd: Texts,
    Entrypoint: Texts,
    Labels: Table,
    Healthcheck: z.object({ Test: Texts }).nullish(),
  }),
  HostConfig: z.object({ LogConfig: z.object({ Config: Table }).nullish() }),
});
type MadeWith = z.infer<typeof MadeWith>;

/** The secret values that a container was given, by its own word; null when it has none, or is gone. */
export async function givenSecrets(api: DockerApi, id: string): Promise<readonly Sealed[] | null> {
  const call = { what: `look at what container ${shortId(id)} was given`, method: 'GET', path: `/containers/${id}/json` } as const;
  const made = await unlessStatus(api.send(call, MadeWith), { statuses: [404], instead: null });
  const noted = made?.Config.Labels?.[labels.sealed];
  return made && noted !== undefined ? sealedValues(made, noted) : null;
}

/** What stands at the places that the label names, and the passwords in those that are addresses: programs print them alone. */
export function sealedValues(made: MadeWith, noted: string): readonly Sealed[] {
  const tables = tablesOf(made);
  const values = placesOf(noted).flatMap((place) => {
    const [table = '', ...key] = place.split('/');
    return isTable(table) ? (tables[table][key.join('/')] ?? []) : [];
  });
  return values.flatMap((value) => [value, ...passwordsIn(value)]).map((value) => new Sealed(value));
}

function tablesOf({ Config, HostConfig }: MadeWith): Readonly<Record<SecretTable, Readonly<Record<string, string>>>> {
  return {
    env: Object.fromEntries((Config.Env ?? []).map((entry) => splitAtEquals(entry))),
    command: byPosition(Config.Cmd),
    entrypoint: byPosition(Config.Entrypoint),
    labels: Config.Labels ?? {},
    healthcheck: byPosition(Config.Healthcheck?.Test),
    logging: HostConfig.LogConfig?.Config ?? {},
  };
}

function isTable(name: string): name is SecretTable {
  return ['env', 'command', 'entrypoint', 'labels', 'healthcheck', 'logging'].includes(name);
}

function placesOf(noted: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(noted));
}

function splitAtEquals(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** As it stands there, and decoded. */
function passwordsIn(value: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*?:(?<password>[^/?#]+)@/i.exec(value)?.groups?.password;
  if (password === undefined) return [];
  const decoded = password.replace(/%[0-9a-f]{2}/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
  return decoded === password ? [password] : [password, decoded];
}
