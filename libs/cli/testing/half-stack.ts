import type { Bus } from '@kedge/shared/bus';
import { type CloudEvent, ImageReference } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { digestB, statusReply, web } from './samples.ts';

/** A real bus, and the parts of two components that answer a person; one service, `web`, serves. */
export interface HalfStack {
  readonly testBus: TestBus;
  readonly reconciler: Bus;
  readonly watcher: Bus;
  /** With which `kedge` reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the reconciler does with a command from now on. Before: nothing. */
  honourWith(honour: (command: CloudEvent) => Promise<void>): void;
  close(): Promise<void>;
}

export async function startHalfStack(): Promise<HalfStack> {
  const testBus = await startTestBus();
  const [reconciler, watcher] = await Promise.all([testBus.connect('reconciler'), testBus.connect('watcher')]);
  let honour: (command: CloudEvent) => Promise<void> = async () => undefined;
  reconciler.serve('status.services', async () => statusReply());
  reconciler.serve('deploy.plan', async () => ({ changes: [] }));
  reconciler.serve('logs.tail', async ({ service }) => {
    if (service !== web) throw new TerminalError('SERVICE_UNKNOWN', `there is no service "${service}"`);
    return { sources: [{ name: 'web', container: 'c1', startedAt: null, exitCode: null, lines: ['hello', 'world'] }] };
  });
  watcher.serve('watcher.check', async () => ({
    checked: [{ reference: ImageReference.parse('hello:1'), state: 'present', digest: digestB }],
  }));
  const commands = await reconciler.consume('reconciler', async ({ event }) => {
    await honour(event);
    return { kind: 'done' };
  });
  return {
    testBus,
    reconciler,
    watcher,
    environment: { KEDGE_BUS_URL: testBus.url, KEDGE_KEYS: testBus.keysFolder('cli'), KEDGE_ACTOR: 'ann' },
    honourWith(next) {
      honour = next;
    },
    async close() {
      await commands.close();
      await testBus.close();
    },
  };
}
