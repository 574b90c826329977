import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSourceGuard } from './guard-sources.ts';
import { declared } from './testing/observed.ts';

describe('the guard of volumes’ sources', () => {
  function stage(present: readonly string[]) {
    const asked: string[][] = [];
    const unseen = async (sources: readonly string[]) => {
      asked.push([...sources]);
      return sources.filter((source) => !present.includes(source));
    };
    return { asked, assertSeen: createSourceGuard({ engine: { unseen }, configFolder: async () => '/opt/deploy' }) };
  }
  const withVolumes = (...sources: readonly string[]) => declared({ volume: sources.map((source) => ({ source, target: '/data' })) });

  it('asks for nothing where only volumes with a name are declared', async () => {
    const { asked, assertSeen } = stage([]);
    await assertSeen(withVolumes('cache'));
    await assertSeen(declared());
    assert.deepEqual(asked, []);
  });

  it('asks once when all is there, for the place on the host', async () => {
    const { asked, assertSeen } = stage(['/opt/deploy/web/app.conf', '/srv']);
    await assertSeen(withVolumes('./web/app.conf', '/srv/'));
    assert.deepEqual(asked, [['/opt/deploy/web/app.conf', '/srv']]);
  });

  it('leaves folders to the engine that a Dispenser or Compose user expects it to make', async () => {
    await stage([]).assertSeen(withVolumes('./web/data'));
  });

  it('tells everything that is missing together', async () => {
    await assert.rejects(stage([]).assertSeen(withVolumes('./web/app.conf', './web/data', '/mistyped/data')), {
      name: 'RetryableError',
      code: 'SOURCE_MISSING',
      message: /app\.conf.*; the host has no \/mistyped\/data/,
    });
  });
});
