import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Verdict } from '@kedge/config';
import fc from 'fast-check';
import { isLong, seed } from '../chaos/harness/sample.ts';
import type { Files } from './harness/examples.ts';
import { type Fault, faults, planted, sound } from './harness/planted-faults.ts';
import { offlineRenderer, verdictOfFiles } from './harness/read-in-memory.ts';

/** Each problem as `file key`, without the places in lists of the main file: others may stand before. */
function toldIn(verdict: Verdict): string[] {
  if (verdict.kind !== 'invalid') return [verdict.kind];
  return verdict.problems
    .map(({ file, key = '' }) => `${file} ${file === 'kedge.toml' ? key.replaceAll(/\[\d+\]/g, '') : key}`.trimEnd())
    .toSorted();
}

const expected = (chosen: readonly Fault[]) => chosen.flatMap(({ told }) => told).toSorted();
const read = async (files: Files) => toldIn(await verdictOfFiles(files, offlineRenderer(files)));

describe('faults in a folder', () => {
  it('are none without any', async () => {
    assert.deepEqual(await read(sound), ['valid']);
  });

  for (const fault of faults) {
    it(`are told: ${fault.what}`, async () => assert.deepEqual(await read(planted([fault])), expected([fault])));
  }

  it('are told beside a broken file of variables, as far as they do not depend on it', async () => {
    const chosen = faults.filter(({ what }) => !/variable .*nobody defined/.test(what));
    const files = planted(chosen);
    const eta = (files['eta/service.toml'] ?? '').replace('# env', 'U = "${fine}"\n# env');
    const broken = { ...files, 'eta/service.toml': eta, 'dispenser.vars': 'fine = "x"\n', 'x.dispenser.vars': 'y = \n' };
    assert.deepEqual(await read(broken), [...expected(chosen), 'x.dispenser.vars'].toSorted());
  });

  it('are told beside a main file that is no TOML, as far as they do not depend on it', async () => {
    const chosen = faults.filter(({ plant, what }) => !('kedge.toml' in plant) && !/network that nobody|dependency that nobody/.test(what));
    const files = planted(chosen);
    const broken = { ...files, 'kedge.toml': `${files['kedge.toml']}oops\n` };
    assert.deepEqual(await read(broken), [...expected(chosen), 'kedge.toml'].toSorted());
  });

  it('hide no warning', async () => {
    const files = planted(faults);
    const text = files['beta/service.toml'] ?? '';
    const verdict = await verdictOfFiles(
      { ...files, 'beta/service.toml': text.replace('# service', 'privileged = true\n# service') },
      offlineRenderer(files),
    );
    assert.deepEqual(verdict.kind === 'invalid' && verdict.warnings.map(({ file, key }) => [file, key]), [
      ['beta/service.toml', 'service.privileged'],
    ]);
  });

  it('are told all at once, whichever they are', async () => {
    const some = fc.shuffledSubarray([...faults], { minLength: 2 });
    const property = fc.asyncProperty(some, async (chosen) => assert.deepEqual(await read(planted(chosen)), expected(chosen)));
    await fc.assert(property, { seed, numRuns: isLong ? 500 : 15, examples: [[[...faults]]] });
  });
});
