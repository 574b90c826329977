import type { Bus } from '@kedge/shared/bus';
import type { Closable } from '@kedge/shared/kernel';
import type { HonourCommand } from '../honour-command.ts';

/** Takes commands while this instance is the active one; the others leave them in the durable consumer. */
export function createCommandIntake(bus: Bus, honour: HonourCommand): Closable & { readonly open: () => void; readonly shut: () => void } {
  let taking: Promise<Closable> | null = null;

  async function shut(): Promise<void> {
    const current = taking;
    taking = null;
    await (await current)?.close();
  }

  return {
    open() {
      taking ??= bus.consume<'deploy.requested' | 'gate.answered' | 'job.due'>('reconciler', honour);
    },
    shut: () => void shut(),
    close: shut,
  };
}
