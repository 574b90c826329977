import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { NodeName } from '@kedge/shared/contracts';
import { listenToWakes } from './wakes.ts';

type Listener = (event: { readonly kedgenode: string }) => void;

function arrange() {
  const woken: string[] = [];
  const listeners = new Map<string, Listener>();
  let reconnect: () => void = () => undefined;
  const bus = {
    node: NodeName.parse('local'),
    wake: ((subject: string, listener: Listener) => void listeners.set(subject, listener)) as Bus['wake'],
    onReconnect: (listener: () => void) => {
      reconnect = listener;
    },
  };
  listenToWakes(bus, { follower: { wake: () => void woken.push('follower') }, reporter: { wake: () => void woken.push('reporter') } });
  return { woken, say: (subject: string, kedgenode: string) => listeners.get(subject)?.({ kedgenode }), reconnect: () => reconnect() };
}

describe('what wakes the proxy', () => {
  it('is a change of routes: they are read', () => {
    const { woken, say } = arrange();
    say('routes.changed', 'local');
    assert.deepEqual(woken, ['follower']);
  });

  it('is another one that leaves: whether this one serves is written down', () => {
    const { woken, say } = arrange();
    say('handover.requested', 'local');
    assert.deepEqual(woken, ['reporter']);
  });

  it('is nothing that happens on another node', () => {
    const { woken, say } = arrange();
    say('routes.changed', 'far');
    say('handover.requested', 'far');
    assert.deepEqual(woken, []);
  });

  it('is the bus that is back: anything may have been missed', () => {
    const { woken, reconnect } = arrange();
    reconnect();
    assert.deepEqual(woken, ['follower', 'reporter']);
  });
});
