import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { attributingBus } from './attributing-bus.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { statusReply } from './testing/samples.ts';

const away = new RetryableError('BUS_UNAVAILABLE', 'the bus does not answer; is the stack running?');

function busThat(throws: Error) {
  return createFakeBus({
    'config.validate': () => {
      throw throws;
    },
  });
}

describe('attributingBus', () => {
  it('says whose connection is away', async () => {
    const asked = attributingBus(busThat(away)).request('config.validate', {});
    await assert.rejects(asked, { code: 'BUS_UNAVAILABLE', message: /^the watcher has no connection to the bus/, cause: away });
  });

  it('leaves what is told of our own connection, and any other error', async () => {
    const lost = busThat(away);
    lost.disconnect();
    await assert.rejects(attributingBus(lost).request('config.validate', {}), away);
    const other = new RetryableError('ENGINE_UNREACHABLE', 'no socket');
    await assert.rejects(attributingBus(busThat(other)).request('config.validate', {}), other);
  });

  it('hands on what is answered', async () => {
    const bus = attributingBus(createFakeBus({ 'status.services': () => statusReply() }));
    assert.deepEqual(await bus.request('status.services', {}), statusReply());
  });
});
