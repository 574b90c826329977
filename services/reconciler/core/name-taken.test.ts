import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf } from '../testing/observed.ts';
import { web } from '../testing/simulated-proxies.ts';
import { digestOf } from '../testing/simulation.ts';
import { nameTakenMessage, strangersToTell } from './name-taken.ts';

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
      kedge: { ...kedge, digest: digestOf('v1'), source: 'registry', address: null, networks: [], routes: [], isAlone: false },
    });
    assert.match(told, /belongs to node "local" .* left alone/);
    assert.doesNotMatch(told, /docker rm/);
  });

  it('is told with the ways out', () => {
    assert.match(
      tell(),
      /take its place \("kedge apply --adopt web"\), remove it \(docker rm -f web\), rename it \(docker rename web .+\), or give the service another name/,
    );
  });
});

describe('who has the name of a service', () => {
  const id = 'f'.repeat(64);
  const stranger = { id, name: web, kedge: null };
  const waiting = { code: 'NAME_TAKEN', message: 'm', since: '2026-01-01T00:00:00.000Z', retryAt: '2026-01-01T00:00:00.000Z', failures: 1 };
  const adopting = [{ container: id, name: web, wasRunning: true }];
  const table = [
    ['is told by its short id', null, [{ service: web, container: 'f'.repeat(12) }]],
    ['is told beside another obstacle', { waiting: { ...waiting, code: 'PORT_TAKEN' } }, [{ service: web, container: 'f'.repeat(12) }]],
    ['is told once, where the service waits for it', { waiting }, []],
    ['is not told when somebody agreed that it goes', { adopting }, []],
  ] as const;
  for (const [name, record, expected] of table)
    it(name, () => {
      const containers = [stranger, { ...stranger, id: 'o', name: 'other' }];
      assert.deepEqual(strangersToTell({ service: web, record, containers }), expected);
    });
});
