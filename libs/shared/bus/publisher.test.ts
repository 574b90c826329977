import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudEvent, ServiceName } from '../contracts/index.ts';
import { silentLog } from '../testing/index.ts';
import { createBusMetrics } from './bus-metrics.ts';
import { createPublisher } from './publisher.ts';

const web = ServiceName.parse('web');

interface Sent {
  readonly way: 'stored' | 'core';
  readonly subject: string;
  readonly id: string | undefined;
  readonly event: CloudEvent;
}

function stage() {
  const sent: Sent[] = [];
  const refusals: Error[] = [];
  const tries: (string | undefined)[] = [];
  const closing = new AbortController();
  const metrics = createBusMetrics();
  const eventIn = (bytes: Uint8Array) => CloudEvent.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const link = {
    jetstream: {
      publish: async (subject: string, bytes: Uint8Array, { msgID }: { readonly msgID: string }) => {
        tries.push(msgID);
        const refusal = refusals.shift();
        if (refusal) throw refusal;
        sent.push({ way: 'stored', subject, id: msgID, event: eventIn(bytes) });
      },
    },
    connection: {
      publish: (subject: string, bytes: Uint8Array) => void sent.push({ way: 'core', subject, id: undefined, event: eventIn(bytes) }),
    },
  };
  const publish = createPublisher({
    connection: { during: async (call) => await call(link), link: async () => link, signal: closing.signal },
    source: 'cli/one',
    node: 'local',
    metrics,
    log: silentLog(),
  });
  return { publish, sent, refusals, tries, closing, metrics };
}

describe('publishing', () => {
  it('wraps the data in an envelope that says who, where, about what and because of what', async () => {
    const { publish, sent, metrics } = stage();
    await publish('deploy.requested', { service: web }, { id: 'said-1', service: web, actor: 'ann', causationid: undefined });
    const [only] = sent;
    assert.deepEqual([sent.length, only?.way, only?.subject, only?.id], [1, 'stored', 'deploy.requested', 'said-1']);
    const { time, ...event } = only?.event ?? {};
    assert.match(time ?? '', /Z$/);
    assert.deepEqual(event, {
      specversion: '1.0',
      id: 'said-1',
      source: 'cli/one',
      type: 'deploy.requested.v1',
      datacontenttype: 'application/json',
      kedgenode: 'local',
      subject: 'web',
      actor: 'ann',
      data: { service: 'web' },
    });
    assert.equal((await metrics.published.get()).values[0]?.value, 1);
  });

  it('tries again with the same id while the bus is away', async () => {
    const { publish, sent, refusals, tries } = stage();
    refusals.push(new Error('timeout'));
    await publish('deploy.requested', { service: web });
    assert.equal(sent.length, 1);
    assert.equal(tries.length, 2);
    assert.ok(tries[0]);
    assert.equal(tries[0], tries[1]);
  });

  it('does not try again what is refused, or once the bus is closed', async () => {
    const { publish, refusals, tries, closing } = stage();
    refusals.push(new Error('Permissions Violation for Publish to "deploy.requested"'));
    await assert.rejects(publish('deploy.requested', { service: web }), { code: 'BUS_REFUSED' });
    assert.equal(tries.length, 1);
    closing.abort();
    refusals.push(new Error('timeout'));
    await assert.rejects(publish('deploy.requested', { service: web }), { code: 'BUS_UNAVAILABLE' });
    assert.equal(tries.length, 2);
  });

  it('sends nothing that does not fit its contract, or is too large', async () => {
    const { publish, sent } = stage();
    await assert.rejects(publish('deploy.requested', { service: 7 }), { code: 'CONTRACT_VIOLATION' });
    const huge = { reference: 'app:1', digest: `sha256:${'a'.repeat(64)}`, reason: 'policy', message: 'm'.repeat(1_100_000) };
    await assert.rejects(publish('image.rejected', huge), { code: 'TOO_LARGE' });
    assert.deepEqual(sent, []);
  });

  it('says what is not kept without waiting for the store', async () => {
    const { publish, sent, tries } = stage();
    await publish('traffic.sampled', { instance: 'one', service: web, windowMs: 1_000, targets: {} });
    assert.deepEqual([sent[0]?.way, tries.length], ['core', 0]);
  });
});
