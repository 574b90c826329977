import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConfigChanges } from './find-config-changes.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { noon } from './testing/recording-terminal.ts';
import { web } from './testing/samples.ts';

const change = (revision: string) => ({ revision, added: [], changed: [web], removed: [] });
const later = (seconds: number) => new Date(noon.getTime() + seconds * 1_000);

/** A reload at noon; the watcher said these changes at other moments. */
async function find(...saidAt: readonly Date[]) {
  const moments = [...saidAt];
  const bus = createFakeBus({}, { now: () => moments.shift() ?? noon });
  for (const [index] of saidAt.entries()) bus.say('config.changed', change(`r${index}`));
  return await findConfigChanges({ bus, since: noon });
}

describe('findConfigChanges', () => {
  it('finds what came into force because of the reload', async () =>
    assert.deepEqual(await find(later(1)), { own: [change('r0')], earlier: [] }));

  it('finds what came into force just before, and tells it apart', async () => {
    assert.deepEqual(await find(later(-3)), { own: [], earlier: [change('r0')] });
    assert.deepEqual(await find(later(-3), later(1)), { own: [change('r1')], earlier: [change('r0')] });
  });

  it('finds nothing where nothing changed, or long ago', async () => {
    for (const found of [await find(), await find(later(-60))]) assert.deepEqual(found, { own: [], earlier: [] });
  });
});
