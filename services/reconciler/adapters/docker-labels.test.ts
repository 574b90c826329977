import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labels } from '../ports.ts';
import { isSameWork, readKedgeLabels } from './docker-labels.ts';

const complete: Readonly<Record<string, string>> = {
  'com.example.other': 'x',
  [labels.node]: 'local',
  [labels.service]: 'web',
  [labels.release]: `v1:${'a'.repeat(64)}`,
  [labels.rollout]: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  [labels.slot]: '2',
  [labels.shape]: 'shape',
  [labels.image]: 'nginx:1',
  [labels.digest]: `sha256:${'b'.repeat(64)}`,
  [labels.source]: 'registry',
  [labels.address]: '172.28.0.7',
};

function without(label: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(complete).filter(([key]) => key !== label));
}

describe('the labels of a container', () => {
  it('say where it belongs', () => {
    assert.deepEqual(readKedgeLabels(complete), {
      node: 'local',
      service: 'web',
      release: `v1:${'a'.repeat(64)}`,
      rollout: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
      slot: 2,
      shape: 'shape',
      image: 'nginx:1',
      digest: `sha256:${'b'.repeat(64)}`,
      source: 'registry',
      address: '172.28.0.7',
      networks: [],
      routes: [],
      isAlone: false,
    });
  });

  for (const label of Object.keys(complete).filter((key) => key.startsWith('kedge.') && key !== labels.address)) {
    it(`make nothing of Kedge's without ${label}`, () => {
      assert.equal(readKedgeLabels(without(label)), null);
    });
  }

  for (const [text, networks] of [
    ['["back","a,b"]', ['back', 'a,b']],
    ['back', []],
    ['[1]', []],
  ] as const) {
    it(`has the networks and routes of ${text}`, () => {
      assert.deepEqual(readKedgeLabels({ ...complete, [labels.networks]: text })?.networks, networks);
      assert.deepEqual(readKedgeLabels({ ...complete, [labels.routes]: text })?.routes, networks);
    });
  }

  it('says whether something may run beside it', () => {
    assert.equal(readKedgeLabels({ ...complete, [labels.alone]: 'true' })?.isAlone, true);
  });

  it('may lack the address', () => {
    assert.equal(readKedgeLabels(without(labels.address))?.address, null);
  });

  for (const [label, value] of [
    [labels.slot, '-1'],
    [labels.slot, 'x'],
    [labels.release, 'v1:short'],
    [labels.digest, 'latest'],
    [labels.source, 'somewhere'],
    [labels.service, '..'],
  ] as const) {
    it(`make nothing of Kedge's with ${label}=${value}`, () => {
      assert.equal(readKedgeLabels({ ...complete, [label]: value }), null);
    });
  }
});

describe('the same work', () => {
  it('has rollout and shape in common, whatever else differs', () => {
    assert.equal(isSameWork(complete, { ...complete, [labels.slot]: '3' }), true);
    assert.equal(isSameWork(complete, { ...complete, [labels.shape]: 'other' }), false);
    assert.equal(isSameWork(complete, { ...complete, [labels.rollout]: 'other' }), false);
    assert.equal(isSameWork({}, {}), false, 'a foreign container is nobody’s work');
  });
});
