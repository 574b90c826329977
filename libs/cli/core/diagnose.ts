import { type Component, components, type DoctorReply, type Finding } from '@kedge/shared/contracts';
import { relativeTime } from '../terminal/relative-time.ts';

/** What came of asking a component; silence has a reason. */
export type Examined = { readonly kind: 'answered'; readonly reply: DoctorReply } | { readonly kind: 'silent'; readonly message: string };

/** A finding, and whose it is. */
export interface Diagnosis extends Finding {
  readonly where: 'bus' | Component;
}

interface Examinations {
  /** Why the bus cannot be joined; null when it can. */
  readonly connection: string | null;
  /** The files of keys on this machine. */
  readonly keys: readonly Finding[];
  readonly answers: Readonly<Record<Component, Examined>>;
  /** Why the stream of events cannot be read; null when it can. */
  readonly stream: string | null;
  readonly now: Date;
}

/** Every component looks at everything at least this often, with some time for the look itself. */
const oldestPassMs = 90_000;
const mostSkewMs = 5_000;
/** Has nothing to look at until it is asked. */
const withoutPasses: readonly Component[] = ['secrets'];

/** One page about everything, from the bus outwards; what is fine is told too. */
export function diagnose({ connection, keys, answers, stream, now }: Examinations): readonly Diagnosis[] {
  return [
    connectionFinding(connection),
    ...keys.map((finding): Diagnosis => ({ where: 'bus', ...finding })),
    ...(connection === null ? [streamFinding(stream)] : []),
    ...components.flatMap((component) => ofComponent({ where: component, examined: answers[component], now })),
    ...ofVersions(answers),
  ];
}

function connectionFinding(problem: string | null): Diagnosis {
  const found = { where: 'bus', what: 'connection' } as const;
  if (problem === null) return { ...found, state: 'fine', message: 'it answers, and accepts the key' };
  return {
    ...found,
    state: 'failed',
    message: problem,
    advice: '"docker compose ps -a nats init" and "docker compose logs nats init" say more',
  };
}

function streamFinding(problem: string | null): Diagnosis {
  const found = { where: 'bus', what: 'stream' } as const;
  if (problem === null) return { ...found, state: 'fine', message: 'events are kept and can be read' };
  const advice = 'run "docker compose up -d", which makes what is missing, and look at "docker compose logs provision nats"';
  return { ...found, state: 'failed', message: problem, advice };
}

interface ExaminedComponent {
  readonly where: Component;
  readonly examined: Examined;
  readonly now: Date;
}

function ofComponent({ where, examined, now }: ExaminedComponent): Diagnosis[] {
  const logs = `"docker compose ps -a ${where}" and "docker compose logs ${where}" say why`;
  if (examined.kind === 'silent') return [{ where, what: 'component', state: 'failed', message: examined.message, advice: logs }];
  const { reply } = examined;
  const broken = Object.entries(reply.parts).filter(([, state]) => state !== true);
  const parts = broken.map(([part, state]): Diagnosis => ({ where, what: part, state: 'failed', message: String(state), advice: logs }));
  return [
    ...(parts.length > 0
      ? parts
      : [{ where, what: 'component', state: 'fine', message: `ready since ${relativeTime(reply.startedAt, now)}` } as const]),
    ...(withoutPasses.includes(where) ? [] : [passFinding(where, { ...reply, logs })]),
    ...clockFinding(where, { theirs: reply.now, now }),
    ...reply.findings.map((finding) => ({ where, ...finding })),
  ];
}

interface LastPass extends Pick<DoctorReply, 'lastPassAt' | 'now'> {
  /** Where to look for more. */
  readonly logs: string;
}

function passFinding(where: Component, { lastPassAt, now, logs }: LastPass): Diagnosis {
  const found = { where, what: 'last look at everything' } as const;
  if (lastPassAt === null) return { ...found, state: 'warning', message: 'there was none yet', advice: `wait a minute; then ${logs}` };
  const message = relativeTime(lastPassAt, new Date(now));
  const isOld = Date.parse(now) - Date.parse(lastPassAt) > oldestPassMs;
  return isOld ? { ...found, state: 'failed', message, advice: logs } : { ...found, state: 'fine', message };
}

function clockFinding(where: Component, { theirs, now }: { readonly theirs: string; readonly now: Date }): Diagnosis[] {
  const skewMs = Math.abs(Date.parse(theirs) - now.getTime());
  if (skewMs <= mostSkewMs) return [];
  const message = `it is ${Math.round(skewMs / 1_000)} s apart from the clock of this command`;
  return [{ where, what: 'clock', state: 'warning', message, advice: 'switch time synchronisation on (timedatectl set-ntp true)' }];
}

function ofVersions(answers: Examinations['answers']): Diagnosis[] {
  const versions = components.flatMap((component) => {
    const examined = answers[component];
    return examined.kind === 'answered' ? [[component, examined.reply.version] as const] : [];
  });
  const [newest] = versions.map(([, version]) => version).toSorted((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return versions
    .filter(([, version]) => version !== newest)
    .map(([where, version]) => ({
      where,
      what: 'version',
      state: 'warning',
      message: `${version}, and others are ${newest}`,
      advice: 'they work together; "docker compose up -d --build" brings all to one version',
    }));
}
