import type { RestartPolicy, VerdictReason } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { lastWordCount, lastWords } from './core/last-words.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { FailureRecorder } from './record-failure.ts';

interface ConcludePorts {
  readonly engine: ContainerEngine;
  readonly failures: FailureRecorder;
  readonly log: Logger;
}

interface Verdict {
  readonly reason: VerdictReason;
  readonly message: string;
  /** The container that failed; by default one of the judged release. */
  readonly container?: ObservedContainer;
  readonly policy?: RestartPolicy;
}

/** Writes a verdict down and tells it, with the last lines of the container that failed, before anything of it is removed. */
export type ConcludeFailure = (world: World, verdict: Verdict) => Promise<void>;

/** Last lines that cannot be read keep no verdict from being told. */
export function createConcluder({ engine, failures, log }: ConcludePorts): ConcludeFailure {
  /** Not only since its last start: the engine may have started it again already, and what it died of stands before that. */
  async function tail({ id }: ObservedContainer): Promise<readonly string[]> {
    try {
      return lastWords(await engine.logs(id, { lines: lastWordCount }));
    } catch (thrown) {
      log.warn({ container: id, reason: errorMessage(thrown) }, 'the last lines of a failed container could not be read');
      return [];
    }
  }

  return async function conclude(world, { reason, message, container = failedContainer(world), policy }) {
    const ended = container !== undefined && hasEnded(container);
    await failures.fail(world, {
      verdict: reason,
      message,
      exitCode: ended ? container.exitCode : null,
      lastLines: container ? await tail(container) : [],
      // Something that runs once and failed is tried again when a person says so.
      final: ended && policy === 'no',
    });
  };
}

/** A container that was made and has a code was refused its start. */
export function hasEnded({ state, exitCode }: ObservedContainer): boolean {
  return state === 'exited' || state === 'dead' || (state === 'created' && exitCode !== null);
}

function failedContainer({ containers, record }: World): ObservedContainer | undefined {
  const ofRelease = containers.filter(({ kedge }) => kedge?.release === record?.value.rollout?.release);
  return ofRelease.find(hasEnded) ?? ofRelease[0];
}
