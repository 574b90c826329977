import { runService } from '../run-service.ts';

/** A component for the tests of the front door: says what it closes, in which order; STUCK names a part that never closes. */
await runService({
  identity: 'scheduler',
  parts: ['first', 'second'],
  waitForBus: false,
  closeWithin: 1_000,
  start: async ({ ready }) => {
    ready('first', true);
    ready('second', process.env.SICK === undefined ? true : 'it is sick');
    return ['first', 'second'].map((name) => ({
      async close() {
        process.stdout.write(`closing ${name}\n`);
        if (process.env.STUCK === name) await new Promise(() => undefined);
      },
    }));
  },
});
