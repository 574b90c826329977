import type { Bus } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';
import { errorMessage, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { createShortMemory } from './short-memory.ts';

interface AskPorts {
  readonly bus: Pick<Bus, 'request'>;
  readonly log: Logger;
}

/** Has the watcher look at the registry before a requested deploy, so that the newest image counts, not the one of the last look. */
export interface WatcherQuestions {
  /**
   * Asks once for each command, and waits for no more than a moment: other commands stand behind it. False while the question is under way;
   * true when the watcher has looked, or has not within 10 s: what is known counts then.
   */
  isSettled(command: string, service: ServiceName): Promise<boolean>;
}

/** A watcher that is well has answered by then. */
const momentMs = 250;
const answerWithinMs = 10_000;

/** What was asked is known to this process alone: after its death a command asks once more. */
export function createWatcherQuestions({ bus, log }: AskPorts): WatcherQuestions {
  const questions = createShortMemory<'under way' | 'over'>();

  async function ask(command: string, service: ServiceName): Promise<void> {
    try {
      await bus.request('watcher.check', { service }, { timeoutMs: answerWithinMs });
    } catch (thrown) {
      log.warn({ service, reason: errorMessage(thrown) }, 'the watcher did not look before a requested deploy; what is known counts');
    }
    questions.note(command, 'over');
  }

  async function begin(command: string, service: ServiceName): Promise<void> {
    questions.note(command, 'under way');
    const moment = new AbortController();
    await Promise.race([ask(command, service), wait(momentMs, moment.signal)]);
    moment.abort();
  }

  return {
    async isSettled(command, service) {
      if (questions.get(command) === undefined) await begin(command, service);
      if (questions.get(command) === 'under way') return false;
      questions.forget(command);
      return true;
    },
  };
}
