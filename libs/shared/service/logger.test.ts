import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createWorkQueue, inLogContext, Sealed } from '../kernel/index.ts';
import { waitUntil } from '../testing/index.ts';
import { createLogger } from './logger.ts';

function recording() {
  const lines: Record<string, unknown>[] = [];
  const to = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ identity: 'scheduler', instance: 'one', level: 'info', to });
  /** Of the last line, without what every line has. */
  const last = () => {
    const { level: _level, time: _time, component: _component, instance: _instance, msg: _msg, ...facts } = lines.at(-1) ?? {};
    return facts;
  };
  return { log, lines, last };
}

describe('a line of the log', () => {
  it('says which component, which of them and when', () => {
    const { log, lines } = recording();
    log.info('started');
    assert.deepEqual([lines[0]?.component, lines[0]?.instance, lines[0]?.level, lines[0]?.msg], ['scheduler', 'one', 'info', 'started']);
    assert.match(String(lines[0]?.time), /^\d{4}-.*Z$/);
  });

  it('names the service, the event and the rollout that the work belongs to, however deep, and not afterwards', async () => {
    const { log, last } = recording();
    await inLogContext({ event: 'deploy.requested/7', correlationid: 'rollout-1' }, async () => {
      await turn();
      await inLogContext({ service: 'web' }, async () => {
        await turn();
        log.info({ digest: 'x' }, 'inside');
      });
    });
    assert.deepEqual(last(), { event: 'deploy.requested/7', correlationid: 'rollout-1', service: 'web', digest: 'x' });
    log.info('outside');
    assert.deepEqual(last(), {});
  });

  it('keeps works that are done at the same time apart, and says itself what it knows better', async () => {
    const { log, lines } = recording();
    await Promise.all(
      ['a', 'b'].map(async (service) => {
        await inLogContext({ service }, async () => {
          await turn();
          log.info({ of: service }, 'inside');
        });
      }),
    );
    assert.deepEqual(
      lines.map(({ of, service }) => [of, service]),
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    );
    inLogContext({ service: 'a' }, () => log.info({ service: 'b' }, 'inside'));
    assert.equal(lines.at(-1)?.service, 'b');
  });

  it('of a look that an event only woke does not name that event', async () => {
    const { log, lines, last } = recording();
    const queue = createWorkQueue<string>({
      work: async (service) => await inLogContext({ service }, async () => void log.info('looked')).then(() => ({})),
      onError: () => ({}),
    });
    inLogContext({ event: 'image.updated/1' }, () => queue.add('web'));
    await waitUntil(() => lines.length > 0);
    await queue.close();
    assert.deepEqual(last(), { service: 'web' });
  });

  it('never shows what is sealed, or named like a secret', () => {
    const { log, lines } = recording();
    log.info({ value: new Sealed('c4nary'), password: 'c4nary', who: { authorization: 'c4nary' } }, 'inside');
    assert.ok(!JSON.stringify(lines).includes('c4nary'));
    assert.deepEqual([lines[0]?.value, lines[0]?.password], ['[sealed]', '[redacted]']);
  });
});
