import type { DurableState } from '@kedge/shared/bus';
import type { StatusReply } from '@kedge/shared/contracts';
import { errorMessage, wait } from '@kedge/shared/kernel';
import { adviceFor, type Examine } from '@kedge/shared/service';
import { type Commands, examineEngine, type Looked, type Role } from './core/examination.ts';
import type { ContainerEngine, DiskSpace } from './ports.ts';

interface ExaminePorts {
  readonly engine: Pick<ContainerEngine, 'info' | 'apiVersion'>;
  readonly status: (request: Record<string, never>) => Promise<StatusReply>;
  readonly role: () => Promise<Role>;
  /** How the durable consumer of commands stands. */
  readonly commands: () => Promise<DurableState>;
  readonly diskSpace: () => Promise<DiskSpace>;
  /** Between two looks for somebody who reads commands, in milliseconds. */
  readonly pauseMs?: number;
}

/** Between two questions for the next command a reader is not seen. */
const looksForReader = 4;

/** Makes what `kedge doctor` is told of the engine, of commands and of services that wait. What cannot be looked at hides nothing else. */
export function createExamineReconciler({ engine, status, role, commands, diskSpace, pauseMs = 150 }: ExaminePorts): Examine {
  async function lookAtEngine() {
    const [info, apiVersion] = await Promise.all([engine.info(), engine.apiVersion()]);
    return { ...info, apiVersion };
  }

  async function lookForReader(): Promise<Commands> {
    for (let looks = 1; ; looks += 1) {
      const state = await commands();
      if (state.kind === 'unusable') return { kind: 'unusable', problem: state.problem.message, advice: adviceFor(state.problem) };
      const isRead = state.readers > 0 || state.underWay > 0;
      if (isRead || looks === looksForReader) return { kind: 'there', waiting: state.waiting, isRead };
      await wait(pauseMs, new AbortController().signal);
    }
  }

  return async () => {
    const [seenEngine, disk, seenRole, services, seenCommands] = await Promise.all([
      looked(lookAtEngine),
      looked(diskSpace),
      looked(role),
      looked(async () => (await status({})).services),
      lookForReader(),
    ]);
    return examineEngine({ engine: seenEngine, disk, role: seenRole, commands: seenCommands, services });
  };
}

async function looked<Value>(look: () => Promise<Value>): Promise<Looked<Value>> {
  try {
    return { value: await look() };
  } catch (thrown) {
    return { problem: errorMessage(thrown) };
  }
}
