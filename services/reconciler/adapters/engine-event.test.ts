import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labels } from '../ports.ts';
import { readEngineEvent } from './engine-event.ts';

const message = (Action: string, service?: string) => ({
  Type: 'container',
  Action,
  Actor: { ID: 'c1', Attributes: { image: 'x', ...(service === undefined ? {} : { [labels.service]: service }) } },
});

describe('a message of the engine', () => {
  for (const [action, expected] of [
    ['start', 'start'],
    ['die', 'die'],
    ['oom', 'oom'],
    ['destroy', 'destroy'],
    ['health_status: healthy', 'health'],
    ['health_status: unhealthy', 'health'],
    ['rename', 'other'],
    ['kill', 'other'],
  ] as const) {
    it(`"${action}" is ${expected}`, () => {
      assert.deepEqual(readEngineEvent(message(action, 'web')), { action: expected, container: 'c1', node: null, service: 'web' });
    });
  }

  it('about a signal says whether it asks to end', () => {
    const kill = (signal: string) => ({ ...message('kill'), Actor: { ID: 'c1', Attributes: { signal } } });
    assert.equal(readEngineEvent(kill('15'))?.action, 'terminate');
    assert.equal(readEngineEvent(kill('9'))?.action, 'other');
  });

  it('about a foreign container has no service', () => {
    assert.equal(readEngineEvent(message('start'))?.service, null);
    assert.equal(readEngineEvent(message('start', 'not a service'))?.service, null);
  });

  it('says of which node the container is', () => {
    const Attributes = { [labels.service]: 'web', [labels.node]: 'other' };
    const event = readEngineEvent({ ...message('die'), Actor: { ID: 'c1', Attributes } });
    assert.deepEqual([event?.service, event?.node], ['web', 'other']);
  });

  it('about a command of a health check, a network or nothing known wakes nobody', () => {
    assert.equal(readEngineEvent(message('exec_create: /bin/check')), null);
    assert.equal(readEngineEvent(message('exec_die')), null);
    assert.equal(readEngineEvent({ ...message('connect'), Type: 'network' }), null);
    assert.equal(readEngineEvent({}), null);
    assert.equal(readEngineEvent('x'), null);
  });
});
