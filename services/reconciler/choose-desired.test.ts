import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageEntry, type ReleaseRecord, releaseName, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createDesiredChooser, type DesiredNow } from './choose-desired.ts';
import type { LocalImage } from './ports.ts';
import { declared, releaseOf } from './testing/observed.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf } from './testing/world.ts';

const spec = declared({ service: { image: 'app:typo' } });
const absent = ImageEntry.parse({ reference: 'app:typo', accepted: null, state: 'absent' });
const since = '2026-01-01T00:00:00.000Z';
const rollout = Ulid.parse('01JZ0000000000000000000000');
const serving = { release: releaseOf('v1'), image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const, since, rollout };
const record = recordOf({ serving }).value;
const built: LocalImage = { id: digestOf('local'), repoDigests: [], exposed: [], hasHealthcheck: false };
const unknown = { release: null, unresolved: null, isAtHand: false };

interface Asked {
  readonly spec?: ServiceSpec;
  readonly record?: ReleaseRecord | null;
  readonly entry?: ImageEntry | null;
  readonly isEngineThere?: boolean;
}

describe('what is wanted now', () => {
  function choose(image: () => Promise<LocalImage | null>) {
    let questions = 0;
    const engine = {
      async image() {
        questions += 1;
        return await image();
      },
    };
    const chooser = createDesiredChooser({ engine });
    return async (given: Asked = {}): Promise<readonly [DesiredNow, number]> => [
      await chooser({ spec, record, entry: absent, isEngineThere: true, ...given }),
      questions,
    ];
  }
  const none = async () => null;

  it('is told by what the registry accepted, and nobody else is asked', async () => {
    const entry = { ...absent, accepted: { digest: digestOf('v2'), platformDigest: digestOf('v2'), acceptedAt: since } };
    assert.deepEqual(await choose(none)({ entry }), [{ release: releaseName(spec, digestOf('v2')), unresolved: null, isAtHand: false }, 0]);
  });

  it('is what the engine has by itself', async () => {
    assert.deepEqual(await choose(async () => built)(), [{ release: releaseName(spec, built.id), unresolved: null, isAtHand: false }, 1]);
  });

  it('is not known where nobody has the image, and then the reason is', async () => {
    const [{ release, unresolved }] = await choose(none)();
    assert.equal(release, null);
    assert.match(unresolved ?? '', /^the registry has no image app:typo, and neither has the engine/);
  });

  it('is not known before the registry was asked, and the engine is not asked before it', async () => {
    const [{ unresolved }, questions] = await choose(none)({ entry: null });
    assert.deepEqual([unresolved, questions], ['app:typo has not been looked up yet', 0]);
  });

  it('has no reason of its own where nothing serves: what it waits for is told', async () => {
    assert.deepEqual(await choose(none)({ record: null }), [unknown, 0]);
  });

  const nothingExpected = declared({ service: { image: 'app:typo' }, dispenser: { watch: false } });
  const atHand: readonly (readonly [title: string, given: Asked, isAtHand: boolean])[] = [
    ['nobody follows it, the registry has none, and the engine has it', { spec: nothingExpected }, true],
    ['nobody follows it, and it was not asked for yet', { spec: nothingExpected, entry: null }, false],
    ['nobody follows it, and the registry has it', { spec: nothingExpected, entry: { ...absent, state: 'present' } }, false],
    ['somebody follows it', {}, false],
    [
      'each start wants the newest',
      { spec: declared({ service: { image: 'app:typo' }, dispenser: { watch: false, pull: 'always' } }) },
      false,
    ],
  ];
  for (const [title, given, isAtHand] of atHand)
    it(`is ${isAtHand ? '' : 'not '}at hand where ${title}`, async () => {
      const [found] = await choose(async () => built)({ record: null, ...given });
      assert.equal(found.isAtHand, isAtHand);
    });

  it('is not told where only the engine could know, and that does not answer', async () => {
    for (const code of ['ENGINE_UNREACHABLE', 'ENGINE_ERROR'])
      assert.deepEqual(await choose(async () => await Promise.reject(new RetryableError(code, 'no answer')))(), [unknown, 1]);
    assert.deepEqual(await choose(none)({ isEngineThere: false }), [unknown, 0]);
  });
});
