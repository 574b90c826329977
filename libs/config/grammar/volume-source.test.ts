import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { volumeSource } from './volume-source.ts';

describe('the source of a volume', () => {
  for (const [source, folder, wanted] of [
    ['data', 'web', 'data'],
    ['x'.repeat(255), 'web', 'x'.repeat(255)],
    ['/srv/data', 'web', '/srv/data'],
    ['./data', 'web', './web/data'],
    ['data/sub/', 'web', './web/data/sub'],
    ['./', 'web', './web'],
    ['../shared/x', 'web', './shared/x'],
    ['../', 'web', './'],
    ['./data', '.', './data'],
    ['./data', 'a/b', './a/b/data'],
  ] as const) {
    it(`reads ${source} in ${folder} as ${wanted}`, () => assert.deepEqual(volumeSource(source, folder), { ok: true, source: wanted }));
  }

  for (const [source, said] of [
    ['../../etc', /outside of the configuration folder/],
    ['.', /neither the name of a volume/],
    ['a b', /neither the name of a volume/],
    ['x', /too short for the name of a volume/],
    ['x'.repeat(256), /too long for the name of a volume/],
    ['/srv/a:b', /must not contain ":"/],
    ['./a:b', /must not contain ":"/],
  ] as const) {
    it(`refuses ${source}`, () => {
      const place = volumeSource(source, 'web');
      assert.match(place.ok ? '' : place.message, said);
    });
  }
});
