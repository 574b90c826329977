import type { Configuration } from '@kedge/config';
import { proxyOf, type ServiceName, type ServiceSpec } from '@kedge/shared/contracts';

/** Something that Dispenser did otherwise, and what becomes of it here. */
export interface DispenserNote {
  /** Null for what concerns the whole. */
  readonly service: ServiceName | null;
  readonly note: string;
}

/** What a folder means here that it did not mean there: everything that somebody who moves should have read once. */
export function notesOn({ services, proxy, unused }: Pick<Configuration, 'services' | 'proxy' | 'unused'>): DispenserNote[] {
  const routed = services.some(({ spec }) => proxyOf(spec) !== undefined) && proxy?.enabled !== false;
  const whole = [
    ...(routed && proxy?.strategy !== 'http-only' ? [noTls] : []),
    ...(routed && services.some(({ spec }) => proxyOf(spec)?.cert_file !== undefined) ? [certificatesUnused] : []),
    ...unused.flatMap((table) => unusedNotes[table] ?? []),
    ...(services.length === 0 ? [] : [servicePaths, filePaths, removals, shutdown]),
  ];
  return [
    ...whole.map((note) => ({ service: null, note })),
    ...services.flatMap(({ name, spec }) => ofService(spec).map((note) => ({ service: name, note }))),
  ];
}

const noTls =
  'Dispenser answered on 443 as well and redirected port 80 there; this version serves plain HTTP only: put something that terminates TLS before it';
const certificatesUnused =
  'cert_file and key_file are checked and not used by this version, which serves plain HTTP only: nobody opens the files; Dispenser took relative ones from where it was started';
const servicePaths =
  'a relative path of a [[service]] counts from the folder of the main file; Dispenser counted it from where it was started: the same, as its package starts it';
const filePaths =
  'a relative source of a [[volume]] counts from the folder of the service.toml that names it, as it did there; so does env_file, which is a key of Kedge alone';
const removals = 'a service that is taken out of the configuration is removed with its containers; Dispenser left them running';
const shutdown = 'when Kedge is stopped, workloads go on; Dispenser removed every container when it ended ("kedge down" still does that)';
const unusedNotes: Readonly<Record<string, string>> = {
  certbot: '[certbot] is checked and not used by this version: it asks for no certificates',
  telemetry:
    '[telemetry] is checked and not used by this version: containers no longer get OTEL_EXPORTER_OTLP_ENDPOINT and its like; set them in [env] where they are needed',
};

function ofService({ service, port = [], dispenser, depends_on }: ServiceSpec): string[] {
  const { memory, image } = service;
  return [
    ...(memory !== undefined && !limitedThere(memory)
      ? [`memory = "${memory}" limits it now; Dispenser took it for no limit, and said nothing`]
      : []),
    ...(image.includes('@sha256:') ? ['its digest is honoured; Dispenser could not pull it by one'] : []),
    ...(dispenser.cron !== undefined && namesWeekdayByNumber(dispenser.cron)
      ? [`cron = "${dispenser.cron}" names days of the week by number: Sunday is 0 or 7 here, and was 1; write MON, TUE … to be sure`]
      : []),
    ...(new Set(port.map((each) => each.container)).size < port.length
      ? ['every [[port]] is published; of several for one container port Dispenser published the last alone']
      : []),
    ...(depends_on && Object.keys(depends_on).length > 0
      ? ['when a dependency fails, "kedge status" says so; Dispenser waited for ever and said nothing']
      : []),
  ];
}

/** What Dispenser understood: whole bytes, or with one letter. Anything else meant no limit. */
function limitedThere(memory: string): boolean {
  return /^\d+[gmkb]?$/i.test(memory.trim());
}

/** The sixth field of six or seven; with five fields Dispenser started nothing. */
function namesWeekdayByNumber(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  return fields.length > 5 && /(?<![#\w])\d/.test(fields[5] ?? '');
}
