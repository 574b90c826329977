import type { Bus } from '../bus/index.ts';
import { type Component, components, type DoctorReply, type Finding } from '../contracts/index.ts';
import { errorCode, errorMessage } from '../kernel/index.ts';
import manifest from '../package.json' with { type: 'json' };

/** Looks at something now. What it throws becomes a finding of its own. */
export type Examine = () => Promise<readonly Finding[]>;

interface ExaminationOptions {
  readonly bus: Pick<Bus, 'node' | 'instance' | 'identity' | 'serve'>;
  readonly parts: () => DoctorReply['parts'];
  readonly now?: () => Date;
}

/** What a component tells `kedge doctor` about itself. */
export interface Examination {
  /** Adds something to look at whenever somebody asks. */
  examine(look: Examine): void;
  /** Everything was looked at, and the look came to its end. */
  passed(): void;
  /** Answers `doctor.<component>` from now on. */
  serve(): void;
}

export function createExamination({ bus, parts, now = () => new Date() }: ExaminationOptions): Examination {
  const startedAt = now();
  const looks: Examine[] = [];
  let lastPassAt: Date | null = null;

  async function answer(): Promise<DoctorReply> {
    const findings = await Promise.all(looks.map(orFinding));
    return {
      node: bus.node,
      instance: bus.instance,
      version: manifest.version,
      now: now().toISOString(),
      startedAt: startedAt.toISOString(),
      lastPassAt: lastPassAt?.toISOString() ?? null,
      parts: parts(),
      findings: findings.flat(),
    };
  }

  return {
    examine: (look) => void looks.push(look),
    passed() {
      lastPassAt = now();
    },
    serve() {
      const component = components.find((each): each is Component => each === bus.identity);
      if (component) bus.serve(`doctor.${component}`, answer);
    },
  };
}

async function orFinding(look: Examine): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    return [{ what: 'examination', state: 'failed', message: `${errorMessage(thrown)} (${errorCode(thrown)})` }];
  }
}
