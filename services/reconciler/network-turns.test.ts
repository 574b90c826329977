import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNetworkTurns } from './network-turns.ts';

describe('the turns of those who work on containers and on networks', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** Work that ends when it is told to, and tells what goes on. */
  function stage() {
    const turns = createNetworkTurns();
    const going: string[] = [];
    const ends = new Map<string, () => void>();
    const work = (name: string) => async () => {
      going.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      going.splice(going.indexOf(name), 1);
      return name;
    };
    const end = async (name: string) => {
      ends.get(name)?.();
      await turn();
    };
    return { turns, going, work, end };
  }

  it('work on containers goes on side by side, and on networks alone', async () => {
    const { turns, going, work, end } = stage();
    const all = [turns.together(work('a')), turns.together(work('b')), turns.alone(work('N')), turns.together(work('c'))];
    await turn();
    assert.deepEqual(going, ['a', 'b']);
    await end('a');
    assert.deepEqual(going, ['b']);
    await end('b');
    assert.deepEqual(going, ['N']);
    await end('N');
    assert.deepEqual(going, ['c']);
    await end('c');
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'N', 'c']);
  });

  it('work that fails keeps nobody from working', async () => {
    const { turns } = stage();
    const failing = () => Promise.reject(new Error('no'));
    await assert.rejects(turns.alone(failing));
    await assert.rejects(turns.together(failing));
    assert.equal(await turns.alone(async () => 'well'), 'well');
    assert.equal(await turns.together(async () => 'well'), 'well');
  });
});
