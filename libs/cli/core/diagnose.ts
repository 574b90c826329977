import { type Component, components, type DoctorReply, type Finding, type Found } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import { relativeTime } from '../terminal/relative-time.ts';

/** What came of asking a component; silence has a reason. */
export type Examined =
  /** One reply of each instance. `unanswered`: how many of the questions nobody answered. */
  | { readonly kind: 'answered'; readonly replies: readonly DoctorReply[]; readonly unanswered: number }
  | { readonly kind: 'silent'; readonly message: string }
  /** There is no bus to ask it over, and that alone is at fault. */
  | { readonly kind: 'not-asked' };

/** What is known of something; nothing of what was not asked. */
export type FoundState = Finding['state'] | 'not-asked';

/** A finding, and whose it is: of which instance, where several answered. */
export type Diagnosis = (Found | (Pick<Finding, 'what' | 'message'> & { readonly state: 'not-asked' })) & {
  readonly where: 'bus' | Component;
  readonly instance?: string;
};

interface Examinations {
  /** Why the bus cannot be joined; null when it can. */
  readonly connection: string | null;
  /** The files of keys on this machine. */
  readonly keys: readonly Found[];
  readonly answers: Readonly<Record<Component, Examined>>;
  /** Why the stream of events cannot be read; null when it can. */
  readonly stream: string | null;
  readonly now: Date;
}

/** Every component looks at everything at least this often, with some time for the look itself. */
const oldestPassMs = 90_000;
/** A look may wait for an image, or for requests to end; none of that takes as long as this. */
const longestLookMs = 15 * 60_000;
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
  const logs = logsOf(where);
  if (examined.kind === 'not-asked') return [{ where, what: 'component', state: 'not-asked', message: 'not asked, without the bus' }];
  if (examined.kind === 'silent') return [{ where, what: 'component', state: 'failed', message: examined.message, advice: logs }];
  const { replies, unanswered } = examined;
  return [
    ...ofInstances(replies.map((reply) => [reply.instance, ofInstance({ where, reply, now })])),
    ...actingFinding(where, replies),
    ...(unanswered > 0 ? [unansweredFinding(where, unanswered)] : []),
  ];
}

/** What all of them say is said once; the rest names its instance. */
function ofInstances(found: readonly (readonly [instance: string, readonly Diagnosis[]])[]): Diagnosis[] {
  const isSame = (one: Diagnosis) => (other: Diagnosis) =>
    one.what === other.what && one.state === other.state && one.message === other.message;
  return found.flatMap(([instance, own], index) =>
    own.flatMap((each) => {
      const isCommon = found.every(([, others]) => others.some(isSame(each)));
      if (!isCommon) return [{ ...each, instance }];
      return index === 0 ? [each] : [];
    }),
  );
}

interface ExaminedInstance {
  readonly where: Component;
  readonly reply: DoctorReply;
  readonly now: Date;
}

function ofInstance({ where, reply, now }: ExaminedInstance): Diagnosis[] {
  const logs = logsOf(where);
  const broken = Object.entries(reply.parts).filter(([, state]) => state !== true);
  const parts = broken.map(([part, state]): Diagnosis => ({ where, what: part, state: 'failed', message: String(state), advice: logs }));
  return [
    ...(parts.length > 0
      ? parts
      : [{ where, what: 'component', state: 'fine', message: `ready since ${relativeTime(reply.startedAt, now)}` } as const]),
    ...(withoutPasses.includes(where) || reply.standsBy === true ? [] : [passFinding(where, reply)]),
    ...clockFinding(where, { theirs: reply.now, now }),
    ...reply.findings.map(({ what, state, message, advice = logs }): Diagnosis => {
      return state === 'fine' ? { where, what, state, message } : { where, what, state, message, advice };
    }),
  ];
}

function logsOf(where: Component): string {
  return `"docker compose ps -a ${where}" and "docker compose logs ${where}" say why`;
}

function passFinding(where: Component, { lastPassAt, oldestPass, now }: DoctorReply): Diagnosis {
  const found = { where, what: 'last look at everything' } as const;
  const isNamed = oldestPass !== undefined && (lastPassAt === null || Date.parse(oldestPass.since) <= Date.parse(lastPassAt));
  const since = isNamed ? oldestPass.since : lastPassAt;
  if (since === null) return { ...found, state: 'warning', message: 'there was none yet', advice: `wait a minute; then ${logsOf(where)}` };
  const ago = relativeTime(since, new Date(now));
  const ageMs = Date.parse(now) - Date.parse(since);
  const message = isNamed ? `${ago}, of ${oldestPass.service}${underWay(oldestPass)}` : ago;
  if (ageMs <= oldestPassMs) return { ...found, state: 'fine', message };
  if (!isNamed || oldestPass.underWay === 0) return { ...found, state: 'failed', message, advice: logsOf(where) };
  const advice = `"kedge status" shows what it does; if nothing moves, ${logsOf(where)}`;
  return { ...found, state: ageMs > longestLookMs ? 'failed' : 'warning', message, advice };
}

function underWay({ running, underWay: count }: NonNullable<DoctorReply['oldestPass']>): string {
  if (running) return ', and one runs now';
  return count > 0 ? `, while ${counted(count, 'other')} ${count === 1 ? 'runs' : 'run'}` : '';
}

/** Somebody has the work that all of these leave to another one, and did not answer. */
function actingFinding(where: Component, replies: readonly DoctorReply[]): Diagnosis[] {
  const isTold = replies.some(({ findings }) => findings.some(({ what, state }) => what === 'role' && state !== 'fine'));
  if (isTold || !replies.every(({ standsBy }) => standsBy === true)) return [];
  const advice = `one that stands by takes over within 15 s of its end; if it hangs, "docker compose restart ${where}"`;
  return [{ where, what: 'acting instance', state: 'failed', message: 'it did not answer; those that did stand by', advice }];
}

function unansweredFinding(where: Component, count: number): Diagnosis {
  const advice = `if it stays so, an instance hangs: "docker compose restart ${where}"`;
  return {
    where,
    what: 'questions',
    state: 'warning',
    message: `${count} ${count === 1 ? 'was' : 'were'} not answered in time, and others were`,
    advice,
  };
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
    const known = examined.kind === 'answered' ? new Set(examined.replies.map(({ version }) => version)) : [];
    return [...known].map((version) => [component, version] as const);
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
