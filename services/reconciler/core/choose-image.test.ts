import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageEntry } from '@kedge/shared/contracts';
import { declared } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { chooseImage } from './choose-image.ts';

const registry = ImageEntry.parse({
  reference: 'app:latest',
  accepted: { digest: digestOf('v2'), platformDigest: digestOf('v2'), acceptedAt: '2026-01-01T00:00:00.000Z' },
  state: 'present',
});
const absent = ImageEntry.parse({ reference: 'app:latest', accepted: null, state: 'absent' });
const unreachable = ImageEntry.parse({
  ...absent,
  state: 'unreachable',
  trouble: { code: 'X', message: 'timed out', since: '2026-01-01T00:00:00.000Z' },
});
const denied = ImageEntry.parse({
  ...unreachable,
  state: 'absent',
  trouble: { ...unreachable.trouble, message: 'denied; check the credentials' },
});
const v1 = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const local = digestOf('local');
const nothing = { spec: declared(), entry: null, pinned: undefined, serving: null, local: null };
const unwatched = declared({ dispenser: { watch: false } });

function chosen(given: Partial<Parameters<typeof chooseImage>[0]>): string {
  const choice = chooseImage({ ...nothing, ...given });
  if (choice.kind === 'waiting') return choice.message;
  const version = ['v1', 'v2', 'local'].find((name) => digestOf(name) === choice.digest);
  return `${version} from ${choice.source}`;
}

describe('chooseImage', () => {
  it('takes what the registry accepted', () => assert.equal(chosen({ entry: registry, serving: v1, local }), 'v2 from registry'));

  it('stays with the first digest when the image is not watched', () => {
    assert.equal(chosen({ spec: unwatched, entry: registry, pinned: v1 }), 'v1 from registry');
  });

  it('takes the newest when another image is declared than the pinned one', () => {
    assert.equal(chosen({ spec: unwatched, entry: registry, pinned: { ...v1, image: 'other:latest' } }), 'v2 from registry');
  });

  it('takes the newest for a new run with pull = "always"', () => {
    const spec = declared({ dispenser: { watch: false, pull: 'always' } });
    assert.equal(chosen({ spec, entry: registry, pinned: v1, fresh: true }), 'v2 from registry');
    assert.equal(chosen({ spec, entry: registry, pinned: v1 }), 'v1 from registry');
    assert.equal(chosen({ spec: unwatched, entry: registry, pinned: v1, fresh: true }), 'v1 from registry');
  });

  it('takes the image of the engine when the registry has none', () => {
    assert.equal(chosen({ entry: absent, local }), 'local from local');
    assert.equal(chosen({ entry: unreachable, local }), 'local from local');
  });

  it('follows an image that is built anew in the engine', () => {
    assert.equal(chosen({ entry: absent, local, serving: { ...v1, source: 'local' } }), 'local from local');
  });

  it('keeps what serves when the registry has no answer or the knowledge about it was lost', () => {
    for (const entry of [null, absent, unreachable]) assert.equal(chosen({ entry, local, serving: v1 }), 'v1 from registry');
  });

  it('keeps nothing of another image', () => {
    assert.match(chosen({ serving: { ...v1, image: 'other:latest' } }), /not been looked up/);
  });

  it('waits, and says for what', () => {
    assert.match(chosen({}), /not been looked up/);
    assert.match(chosen({ entry: absent }), /push it/);
    assert.match(chosen({ entry: denied }), /no image app:latest \(denied; check the credentials\), and neither has the engine; push it/);
    assert.match(chosen({ entry: unreachable }), /timed out/);
  });

  it('tells a registry that has none from one that was not asked or does not answer, also while another image serves', () => {
    const other = { ...v1, image: 'other:latest' };
    for (const [entry, isAnswered, message] of [
      [null, false, /not been looked up/],
      [absent, true, /has no image app:latest/],
      [unreachable, true, /timed out/],
    ] as const) {
      const choice = chooseImage({ ...nothing, entry, serving: other });
      assert.partialDeepStrictEqual(choice, { kind: 'waiting', code: 'IMAGE_UNRESOLVED', isAnswered });
      assert.match('message' in choice ? choice.message : '', message);
    }
  });

  it('is content with what was accepted before, when the registry is away or has lost it since', () => {
    for (const state of ['unreachable', 'absent'] as const)
      assert.equal(chosen({ entry: { ...registry, state }, serving: { ...v1, image: 'other:latest' } }), 'v2 from registry');
  });

  it('needs nobody when the reference names its digest', () => {
    assert.equal(chosen({ spec: declared({ service: { image: `app@${digestOf('v1')}` } }) }), 'v1 from registry');
  });
});
