import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FolderReading } from '@kedge/config';
import fc from 'fast-check';
import { follow, isSettled, type Settling, sameReading, settleMs } from './settle.ts';

const reading = (text: string): FolderReading => ({ kind: 'read', entry: 'kedge.toml', text, services: {}, variables: '' });

/** The texts that were taken, of looks at these times. */
function taken(looks: readonly { readonly text: string; readonly atMs: number }[]): string[] {
  let settling: Settling | null = null;
  const texts: string[] = [];
  for (const { text, atMs } of looks) {
    settling = follow(settling, { reading: reading(text), nowMs: atMs });
    if (isSettled(settling, atMs) && settling.reading.kind === 'read' && texts.at(-1) !== settling.reading.text)
      texts.push(settling.reading.text);
  }
  return texts;
}

describe('the settle guard', () => {
  it('takes what stood still, and not what was there for a moment', () => {
    const looks = [
      { text: 'old', atMs: 0 },
      { text: 'old', atMs: 600 },
      { text: '', atMs: 1_200 },
      { text: 'new', atMs: 1_300 },
      { text: 'new', atMs: 1_900 },
    ];
    assert.deepEqual(taken(looks), ['old', 'new']);
  });

  it('starts again when something changed and changed back', () => {
    assert.deepEqual(
      taken([
        { text: 'a', atMs: 0 },
        { text: 'b', atMs: 400 },
        { text: 'a', atMs: 600 },
      ]),
      [],
    );
  });

  it('never takes a text that was not seen, and only that, for the settle time', () => {
    const steps = fc.array(fc.record({ text: fc.constantFrom('', 'a', 'b'), afterMs: fc.integer({ min: 1, max: 900 }) }));
    fc.assert(
      fc.property(steps, (all) => {
        let atMs = 0;
        let settling: Settling | null = null;
        const looks: { readonly text: string; readonly atMs: number }[] = [];
        for (const { text, afterMs } of all) {
          atMs += afterMs;
          looks.push({ text, atMs });
          settling = follow(settling, { reading: reading(text), nowMs: atMs });
          const run = looks.slice(looks.findLastIndex((look) => look.text !== text) + 1);
          assert.equal(isSettled(settling, atMs), atMs - (run[0]?.atMs ?? 0) >= settleMs);
        }
      }),
    );
  });

  it('knows two looks that found the same, and every difference', () => {
    const service = { kind: 'text', text: 'x' } as const;
    const look = (more: object = {}): FolderReading => ({
      kind: 'read',
      entry: 'kedge.toml',
      text: '',
      services: { web: service },
      variables: '',
      ...more,
    });
    assert.ok(sameReading(look(), look()));
    assert.ok(sameReading(look(), look({ services: { web: { ...service } } })));
    for (const more of [
      { text: 'y' },
      { variables: 'y' },
      { entry: 'dispenser.toml' },
      { envFiles: { 'a.env': '1' } },
      { services: {} },
      { services: { api: service } },
      { services: { web: service, api: service } },
      { services: { web: { kind: 'text', text: 'y' } } },
      { services: { web: { kind: 'unreadable', reason: 'x' } } },
    ]) {
      assert.ok(!sameReading(look(), look(more)), JSON.stringify(more));
      assert.ok(!sameReading(look(more), look()), JSON.stringify(more));
    }
    const news = (since: object, folders: readonly string[]) => ({
      services: { web: { ...service, text: 'y' } },
      news: { since, folders },
    });
    const before = look();
    assert.ok(before.kind === 'read');
    assert.ok(!sameReading(before, look(news(before.services, ['web']))));
    assert.ok(!sameReading(before, look(news({}, []))), 'news of something else');
    assert.ok(sameReading(look({ news: { since: {}, folders: ['web'] } }), look()), 'how it came about is no difference');
    assert.ok(!sameReading(look(), { kind: 'ambiguous' }));
    assert.ok(sameReading({ kind: 'ambiguous' }, { kind: 'ambiguous' }));
  });
});
