import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { declaredImages } from './declared-images.ts';

const service = (node: string, name: string, image: string, watch = true, pull?: string) =>
  ServiceEntry.parse({ node, hash: 'h', path: name, spec: { service: { name, image }, dispenser: { watch, ...(pull && { pull }) } } });
const manifest = (node: string, delay: number) => ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services: {}, delay });
const images = (...stored: readonly (ServiceEntry | ConfigManifest)[]) => [...declaredImages(stored, NodeName.parse('here')).values()];

describe('declared images', () => {
  it('are distinct, whatever the number of services and nodes', () => {
    assert.deepEqual(
      images(
        manifest('here', 60),
        manifest('there', 5),
        service('here', 'web', 'nginx', false),
        service('here', 'api', 'nginx'),
        service('there', 'web', 'nginx'),
      ),
      [{ reference: 'nginx', watched: true, expected: true, delay: 5, services: ['web', 'api'] }],
    );
  });

  it('are watched when one service watches', () => {
    assert.deepEqual(
      images(manifest('here', 60), service('here', 'web', 'nginx', false), service('here', 'api', 'app', true)).map(
        ({ watched }) => watched,
      ),
      [false, true],
    );
  });

  it('are expected of their registry when one service watches, or pulls each time', () => {
    const table = [
      ['nobody watches', [service('here', 'web', 'app', false)], false],
      ['one of two watches', [service('here', 'web', 'app', true), service('here', 'api', 'app', false)], true],
      [
        'nobody watches, and one of two pulls each time',
        [service('here', 'web', 'app', false, 'always'), service('here', 'api', 'app', false)],
        true,
      ],
      ['each start takes what is there', [service('here', 'web', 'app', false, 'on-startup')], false],
    ] as const;
    for (const [title, services, expected] of table) assert.equal(images(manifest('here', 60), ...services)[0]?.expected, expected, title);
  });

  it('need a manifest of their node', () => {
    assert.deepEqual(images(manifest('here', 60), service('there', 'web', 'nginx')), []);
  });
});
