import { errorCode } from '@kedge/shared/kernel';
import { askedAgain } from './answer-or-reason.ts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { Interrupted } from './interrupted.ts';

interface Patience extends Pick<Cli, 'signal' | 'pause'> {
  readonly bus: Pick<CliBus, 'request'>;
  /** Hears what is waited for, each reason once. */
  readonly tell: (line: string) => void;
  /** How long each question may wait for an answer, in milliseconds; 0: it is asked once. */
  readonly timeoutMs: number;
}

const askEveryMs = 500;
/** Nobody answered. Any other error is an answer. */
const passing: readonly string[] = ['REQUEST_UNANSWERED', 'BUS_UNAVAILABLE'];

/**
 * A bus that asks again when a question is lost, or when nobody is there to answer it for the moment: components restart. What is asked
 * with it may arrive twice. After `timeoutMs` the last error is thrown.
 * @throws {Interrupted} by Ctrl-C meanwhile
 */
export function patientBus({ bus, tell, signal, pause, timeoutMs }: Patience): Pick<CliBus, 'request'> {
  const request: CliBus['request'] = async (subject, data, options) => {
    const begunAt = performance.now();
    let told = '';
    for (;;) {
      try {
        return await bus.request(subject, data, options);
      } catch (thrown) {
        if (!passing.includes(errorCode(thrown)) || performance.now() - begunAt >= timeoutMs) throw thrown;
        const line = askedAgain(thrown);
        if (line !== told) tell(line);
        told = line;
      }
      if (!(await pause(askEveryMs, signal))) throw new Interrupted();
    }
  };
  return { request };
}
