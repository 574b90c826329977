import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudEvent, eventStream } from '@kedge/shared/contracts';
import { jetstream } from '@nats-io/jetstream';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { connectRaw } from './raw-connection.ts';

/** A hook that must miss nothing: it reads the durable consumer that KEDGE_HOOKS made for it. */
export interface Hook {
  /** Everything that waits for it now; it is never given again. */
  take(): Promise<readonly CloudEvent[]>;
  close(): Promise<void>;
}

export async function openHook(facts: StackFacts): Promise<Hook> {
  const seed = await readFile(join(facts.folder, '.kedge', 'hooks.nk'), 'utf8');
  const connection = await connectRaw(facts, 'hooks', seed);
  const consumer = await jetstream(connection, { apiPrefix: 'JS.K.API' }).consumers.get(eventStream, 'hook-e2e');
  return {
    async take() {
      const taken: CloudEvent[] = [];
      for (;;) {
        let got = 0;
        for await (const message of await consumer.fetch({ max_messages: 200, expires: 1_000 })) {
          taken.push(CloudEvent.parse(message.json()));
          await message.ackAck();
          got += 1;
        }
        if (got === 0) return taken;
      }
    },
    close: async () => await connection.close(),
  };
}
