import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConfigChange } from './find-config-change.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { noon } from './testing/recording-terminal.ts';
import { noPause } from './testing/run-line.ts';
import { web } from './testing/samples.ts';

const change = { revision: 'r2', added: [], changed: [web], removed: [] };
const later = (seconds: number) => new Date(noon.getTime() + seconds * 1_000);

/** A reload at noon; the watcher says its change at another moment, before the look of that number. */
async function find({ saidAt, beforeLook = 1 }: { readonly saidAt: Date | null; readonly beforeLook?: number }) {
  let looks = 0;
  const bus = createFakeBus(
    {},
    {
      now: () => saidAt ?? noon,
      aroundRecent(moment) {
        looks += moment === 'before' ? 1 : 0;
        if (moment === 'before' && looks === beforeLook && saidAt) bus.say('config.changed', change);
      },
    },
  );
  const found = await findConfigChange({ bus, since: noon, signal: new AbortController().signal, pause: noPause });
  return { found, looks };
}

describe('findConfigChange', () => {
  it('finds what comes into force because of the reload, and looks no further', async () => {
    assert.deepEqual(await find({ saidAt: later(1) }), { found: change, looks: 1 });
    assert.deepEqual(await find({ saidAt: later(1), beforeLook: 3 }), { found: change, looks: 3 });
  });

  it('takes what came into force just before for an answer, when nothing newer comes', async () => {
    assert.deepEqual(await find({ saidAt: later(-3) }), { found: change, looks: 6 });
  });

  it('finds nothing where nothing changed, or long ago', async () => {
    assert.equal((await find({ saidAt: null })).found, null);
    assert.equal((await find({ saidAt: later(-60) })).found, null);
  });
});
