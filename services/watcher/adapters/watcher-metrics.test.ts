import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { createWatcherMetrics } from './watcher-metrics.ts';

describe('metrics of the watcher', () => {
  it('have the names and labels that people watch', async () => {
    const registry = new Registry();
    const { requests, revisions, images } = createWatcherMetrics(registry);
    requests.inc({ registry: 'example.com', outcome: 'found' });
    revisions.inc({ outcome: 'applied' });
    images.set(3);
    const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(lines, [
      'kedge_registry_requests_total{registry="example.com",outcome="found"} 1',
      'kedge_config_revisions_total{outcome="applied"} 1',
      'kedge_images_watched 3',
    ]);
  });
});
