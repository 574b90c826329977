import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { type CloudEvent, type DataOf, type EventSubject, ImageReference, NodeName, ServiceName } from '@kedge/shared/contracts';
import { service } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { subscribeWakes } from './wakes.ts';

const here = NodeName.parse('local');
const shop = ServiceName.parse('shop');

/** Delivers events, and notes what they lead to. */
function openWakes() {
  const listeners = new Map<string, (event: never) => void>();
  const done: string[] = [];
  const bus: Pick<Bus, 'wake' | 'node'> = { node: here, wake: (subject, listener) => void listeners.set(subject, listener) };
  subscribeWakes({
    bus,
    wake: (name) => void done.push(`wake ${name}`),
    because: (name, event) => void done.push(`${name} because of ${event}`),
    resync: () => void done.push('look at everything'),
  });
  function say<Name extends EventSubject>(subject: Name, data: DataOf<Name>, node = here): void {
    const event: CloudEvent<DataOf<Name>> = {
      specversion: '1.0',
      id: 'e1',
      source: 'test',
      type: `${subject}.v1`,
      time: '2026-01-01T00:00:00.000Z',
      kedgenode: node,
      data,
    };
    listeners.get(subject)?.(event as never);
  }
  return { done, say };
}

describe('events', () => {
  it('of a new image wake its services, which know why before they look', () => {
    const { done, say } = openWakes();
    const digest = digestOf('v2');
    const reference = ImageReference.parse('app:latest');
    say('image.updated', { reference, digest, platformDigest: digest, previous: null, services: [service, shop] });
    assert.deepEqual(done, ['web because of e1', 'wake web', 'shop because of e1', 'wake shop']);
  });

  it('of another node are a reason to look, and not why anything is done here', () => {
    const { done, say } = openWakes();
    const digest = digestOf('v2');
    const reference = ImageReference.parse('app:latest');
    say('image.updated', { reference, digest, platformDigest: digest, previous: null, services: [shop] }, NodeName.parse('elsewhere'));
    assert.deepEqual(done, ['wake shop']);
  });

  it('of another configuration wake everybody', () => {
    const { done, say } = openWakes();
    say('config.changed', { revision: 'r', added: [], changed: [], removed: [] });
    assert.deepEqual(done, ['look at everything']);
  });
});
