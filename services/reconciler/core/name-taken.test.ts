import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf } from '../testing/observed.ts';
import { web } from '../testing/simulated-proxies.ts';
import { digestOf } from '../testing/simulation.ts';
import { nameTakenMessage } from './name-taken.ts';

const createdAt = new Date('2026-01-07T12:00:30Z');
const tell = (image = 'nginx:1') => nameTakenMessage('web', { image, createdAt, kedge: null });

describe('a name that somebody else has', () => {
  it('is told with the image and the time of who has it, in words that stay the same', () => {
    assert.ok(tell().includes('(made from nginx:1 at 2026-01-07T12:00Z)'));
  });

  it('is told without the image where nobody knows it', () => assert.ok(tell('').includes('(made at 2026-01-07T12:00Z)')));

  it('is not told to be removed where it serves for another node', () => {
    const kedge = { node: 'local', service: web, release: releaseOf('v1'), rollout: 'r', slot: 0, shape: 's', image: 'nginx:1' };
    const told = nameTakenMessage('web', {
      image: 'nginx:1',
      createdAt,
      kedge: { ...kedge, digest: digestOf('v1'), source: 'registry', address: null, networks: [] },
    });
    assert.match(told, /belongs to node "local" .* left alone/);
    assert.doesNotMatch(told, /docker rm/);
  });

  it('is told with the three ways out', () => {
    assert.match(tell(), /remove it \(docker rm -f web\), rename it \(docker rename web .+\), or give the service another name/);
  });
});
