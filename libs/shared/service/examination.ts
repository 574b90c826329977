import type { Bus } from '../bus/index.ts';
import { type Component, components, type DoctorReply, type Found, type ServiceName } from '../contracts/index.ts';
import { errorCode, errorMessage } from '../kernel/index.ts';
import manifest from '../package.json' with { type: 'json' };
import { inTime } from './in-time.ts';
import type { PassSummary } from './pass-ages.ts';

/** Looks at something now. What it throws becomes a finding of its own, and so does taking too long. */
export type Examine = () => Promise<readonly Found[]>;

/** What a component looked at, and when; `stands-by`: it leaves that to another instance. */
export type Passes = PassSummary<ServiceName> | 'stands-by';

interface ExaminationOptions {
  readonly bus: Pick<Bus, 'node' | 'instance' | 'identity' | 'serve'>;
  readonly parts: () => DoctorReply['parts'];
  readonly now?: () => Date;
  /** How long one look may take, in milliseconds. Default 5 s. */
  readonly withinMs?: number;
}

/** What a component tells `kedge doctor` about itself. */
export interface Examination {
  /** Adds something to look at whenever somebody asks. */
  examine(look: Examine): void;
  /** Everything was looked at, and the look came to its end. */
  passed(): void;
  /** For a component whose looks are many: asked when somebody wants to know, in the place of `passed`. */
  tellPasses(tell: () => Passes): void;
  /** Answers `doctor.<component>` from now on. */
  serve(): void;
}

/** Less than the 10 s for which whoever asks waits. */
const usuallyWithinMs = 5_000;

/** Counts from when it is made: that is when the component started. Nobody is answered before `serve`. */
export function createExamination({ bus, parts, now = () => new Date(), withinMs = usuallyWithinMs }: ExaminationOptions): Examination {
  const startedAt = now();
  const looks: Examine[] = [];
  let lastPassAt: Date | null = null;
  let tell: () => Passes = () => ({ lastPassAt, oldest: null });
  let underWay: Promise<readonly Found[]> | null = null;

  /** Whoever asks in the meantime is told the same: people ask several times at once, to hear every instance. */
  async function lookOnce(): Promise<readonly Found[]> {
    underWay ??= lookAtAll().finally(() => {
      underWay = null;
    });
    return await underWay;
  }

  async function lookAtAll(): Promise<readonly Found[]> {
    return (await Promise.all(looks.map(async (look) => await orFinding(look, withinMs)))).flat();
  }

  async function answer(): Promise<DoctorReply> {
    const findings = await lookOnce();
    return {
      node: bus.node,
      instance: bus.instance,
      version: manifest.version,
      now: now().toISOString(),
      startedAt: startedAt.toISOString(),
      ...passesIn(tell()),
      parts: parts(),
      findings: [...findings],
    };
  }

  return {
    examine: (look) => void looks.push(look),
    passed() {
      lastPassAt = now();
    },
    tellPasses(given) {
      tell = given;
    },
    serve() {
      const component = components.find((each): each is Component => each === bus.identity);
      if (component) bus.serve(`doctor.${component}`, answer);
    },
  };
}

function passesIn(passes: Passes): Pick<DoctorReply, 'lastPassAt' | 'oldestPass' | 'standsBy'> {
  if (passes === 'stands-by') return { lastPassAt: null, standsBy: true };
  const { lastPassAt, oldest } = passes;
  const last = { lastPassAt: lastPassAt?.toISOString() ?? null };
  if (!oldest) return last;
  const { key, since, running, underWay } = oldest;
  return { ...last, oldestPass: { service: key, since: since.toISOString(), running, underWay } };
}

const advice = 'ask again in a minute; if it stays, the log of the component says more';

async function orFinding(look: Examine, withinMs: number): Promise<readonly Found[]> {
  const bad = (message: string): readonly Found[] => [{ what: 'examination', state: 'failed', message, advice }];
  try {
    return await inTime(look(), { withinMs, instead: () => bad(`a part of it was not over within ${withinMs / 1_000} s`) });
  } catch (thrown) {
    return bad(`${errorMessage(thrown)} (${errorCode(thrown)})`);
  }
}
