import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { declaredImages } from './declared-images.ts';

const service = (node: string, name: string, image: string, watch = true) =>
  ServiceEntry.parse({ node, hash: 'h', path: name, spec: { service: { name, image }, dispenser: { watch } } });
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
      [{ reference: 'nginx', watched: true, delay: 5, services: ['web', 'api'] }],
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

  it('need a manifest of their node', () => {
    assert.deepEqual(images(manifest('here', 60), service('there', 'web', 'nginx')), []);
  });
});
