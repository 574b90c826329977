import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest } from '@kedge/shared/contracts';
import { configProblem } from './config-problem.ts';

const inForce = { node: 'local', revision: 'r1', entry: 'kedge.toml', services: {}, delay: 2 };
const at = '2026-01-01T00:00:00.000Z';

describe('configProblem', () => {
  const problems = [{ file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "x"' }];
  const cases: readonly (readonly [string, ConfigManifest | null, RegExp | null])[] = [
    ['nothing when the newest one is in force', ConfigManifest.parse(inForce), null],
    ['that there is none', null, /no configuration has been read/],
    [
      'what is wrong with the newest one',
      ConfigManifest.parse({ ...inForce, rejected: { problems, since: at } }),
      /web\/service.toml:3: unknown key/,
    ],
    [
      'what a held one would remove',
      ConfigManifest.parse({ ...inForce, held: { revision: 'r2', removes: ['api'], since: at } }),
      /kedge apply.*remove api/,
    ],
  ];
  for (const [name, manifest, expected] of cases) {
    it(`tells ${name}`, () =>
      expected ? assert.match(configProblem(manifest) ?? '', expected) : assert.equal(configProblem(manifest), null));
  }
});
