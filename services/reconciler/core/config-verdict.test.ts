import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, type ConfigState, ServiceName } from '@kedge/shared/contracts';
import { configVerdict } from './config-verdict.ts';

const inForce = { node: 'local', revision: 'r1', entry: 'kedge.toml', services: {}, delay: 2 };
const at = '2026-01-01T00:00:00.000Z';

describe('configVerdict', () => {
  const problems = [{ file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "x"' }];
  const cases: readonly (readonly [string, ConfigManifest | null, ConfigState, RegExp])[] = [
    ['nothing when the newest one is in force', ConfigManifest.parse(inForce), 'in-force', /^null$/],
    ['that there is none', null, 'unread', /no configuration has been read/],
    [
      'what is wrong with the newest one',
      ConfigManifest.parse({ ...inForce, rejected: { problems, since: at } }),
      'rejected',
      /web\/service.toml:3: unknown key/,
    ],
    [
      'what a held one would remove',
      // As the watcher writes it.
      ConfigManifest.parse({ ...inForce, held: { revision: 'r2', removes: ['api'], since: at }, rejected: { problems, since: at } }),
      'held',
      /waits for "kedge apply": it would remove api$/,
    ],
    [
      'so much of what a held one would remove as somebody reads',
      ConfigManifest.parse({
        ...inForce,
        held: { revision: 'r2', removes: Array.from({ length: 500 }, (_, nth) => `s${nth}`), since: at },
      }),
      'held',
      /would remove s0, s1, .*, s7 and 492 more$/,
    ],
  ];
  it('names beside that sentence everything that a held one would remove, and nothing at another time', () => {
    const removes = Array.from({ length: 500 }, (_, nth) => ServiceName.parse(`s${nth}`));
    const held = ConfigManifest.parse({ ...inForce, held: { revision: 'r2', removes, since: at }, rejected: { problems, since: at } });
    assert.deepEqual(configVerdict(held).removes, removes);
    for (const manifest of [null, ConfigManifest.parse(inForce), ConfigManifest.parse({ ...inForce, rejected: { problems, since: at } })])
      assert.equal('removes' in configVerdict(manifest), false);
  });

  for (const [name, manifest, state, problem] of cases) {
    it(`tells ${name}`, () => {
      const verdict = configVerdict(manifest);
      assert.equal(verdict.state, state);
      assert.match(String(verdict.problem), problem);
    });
  }
});
