import type { Bus } from '@kedge/shared/bus';
import { type Closable, createTurns } from '@kedge/shared/kernel';
import type { HonourCommand } from '../honour-command.ts';

interface IntakePorts {
  readonly bus: Pick<Bus, 'consume'>;
  readonly honour: HonourCommand;
  readonly mayAct: () => boolean;
}

/** The door for commands. It has one reader at most: a reader is gone before the next one comes. */
export interface CommandIntake extends Closable {
  open(): Promise<void>;
  shut(): Promise<void>;
}

/** A command that was read when another instance took over comes to that one. */
const givenBackForMs = 1_000;

/** Takes commands while this instance is the active one; the others leave them in the durable consumer. */
export function createCommandIntake({ bus, honour, mayAct }: IntakePorts): CommandIntake {
  let reader: Closable | null = null;
  const inTurn = createTurns();

  const guarded: HonourCommand = async (command) => (mayAct() ? await honour(command) : { kind: 'later', afterMs: givenBackForMs });

  async function open(): Promise<void> {
    reader ??= await bus.consume<'deploy.requested' | 'gate.answered' | 'job.due' | 'node.requested'>('reconciler', guarded);
  }

  async function shut(): Promise<void> {
    const current = reader;
    reader = null;
    await current?.close();
  }

  return { open: async () => await inTurn(open), shut: async () => await inTurn(shut), close: async () => await inTurn(shut) };
}
