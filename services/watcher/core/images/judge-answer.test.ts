import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Digest, ImageEntry, ImageReference } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { judgeAnswer, needsManifest } from './judge-answer.ts';
import type { ManifestAnswer, TagAnswer, Trouble } from './registry-answer.ts';

const digest = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`);
const [v1, v2, p1, p2] = ['1', '2', 'a', 'b'].map(digest) as [Digest, Digest, Digest, Digest];
const reference = ImageReference.parse('registry.example.com/app');
const before = '2026-01-01T00:00:00.000Z';
const now = '2026-01-02T00:00:00.000Z';
const manifest = (of: Digest, platformDigest: Digest | null): ManifestAnswer => ({
  kind: 'manifest',
  digest: of,
  platformDigest,
  platforms: ['linux/arm64'],
});
const named = (of: Digest): TagAnswer => ({ kind: 'digest', digest: of });
const trouble: Trouble = { kind: 'trouble', code: 'REGISTRY_UNREACHABLE', message: 'gone' };
const entry = (more: Partial<ImageEntry> = {}): ImageEntry => ({
  reference,
  accepted: { digest: v1, platformDigest: p1, acceptedAt: before },
  seen: { digest: v1, firstSeenAt: before },
  state: 'present',
  platform: 'linux/amd64',
  ...more,
});
const unreachable = entry({ state: 'unreachable', trouble: { code: 'REGISTRY_UNREACHABLE', message: 'gone', since: before } });
const judge = (known: ImageEntry | null, answer: TagAnswer | ManifestAnswer, of = reference, platform = 'linux/amd64') =>
  judgeAnswer({ reference: of, expected: true, entry: known, answer, platform, services: [], now, retryAfterMs: 2_000.4 });
const subjects = (known: ImageEntry | null, answer: TagAnswer | ManifestAnswer, of = reference) =>
  judge(known, answer, of).says.map(({ subject }) => subject);

describe('what an answer of the registry means', () => {
  it('accepts the first digest', () => {
    const { reason, next, says } = judge(null, manifest(v1, p1));
    assert.equal(reason, 'accepted');
    assert.deepEqual(next, {
      reference,
      accepted: { digest: v1, platformDigest: p1, acceptedAt: now },
      seen: { digest: v1, firstSeenAt: now },
      state: 'present',
      platform: 'linux/amd64',
    });
    assert.deepEqual(says, [
      { subject: 'image.updated', data: { reference, digest: v1, platformDigest: p1, previous: null, services: [] } },
    ]);
  });

  it('accepts another digest with another image, and the first one again: v1 → v2 → v1 are three facts', () => {
    const second = judge(entry(), manifest(v2, p2));
    assert.deepEqual(
      [second.next?.accepted?.digest, second.says[0]?.subject === 'image.updated' && second.says[0].data.previous],
      [v2, v1],
    );
    const third = judge(second.next, manifest(v1, p1));
    assert.deepEqual([third.next?.accepted?.digest, third.says.length], [v1, 1]);
  });

  it('does nothing for the digest it knows', () => {
    assert.deepEqual(judge(entry(), named(v1)), { reason: 'unchanged', next: null, says: [] });
  });

  it('rejects a new index around the same image, once', () => {
    const { next, says } = judge(entry(), manifest(v2, p1));
    assert.deepEqual(next, entry({ seen: { digest: v2, firstSeenAt: now, rejected: 'same-platform-manifest' } }));
    assert.equal(says[0]?.subject === 'image.rejected' && says[0].data.reason, 'same-platform-manifest');
    assert.deepEqual(judge(next, named(v2)), { reason: 'unchanged', next: null, says: [] });
    assert.deepEqual(judge(next, manifest(v2, p1)), { reason: 'rejected', next: null, says: [] });
  });

  it('rejects what has no variant for the platform, also the first time', () => {
    const { next, says } = judge(null, manifest(v1, null));
    const seen = { digest: v1, firstSeenAt: now, rejected: 'platform' };
    assert.deepEqual(next, { reference, accepted: null, state: 'present', platform: 'linux/amd64', seen });
    assert.match(says[0]?.subject === 'image.rejected' ? says[0].data.message : '', /no variant for linux\/amd64, only for linux\/arm64/);
  });

  it('says a rejection again when the tag had moved elsewhere meanwhile', () => {
    const rejected = judge(entry(), manifest(v2, p1)).next;
    const back = judge(rejected, named(v1)).next;
    assert.deepEqual(back?.seen, { digest: v1, firstSeenAt: now });
    assert.deepEqual(subjects(back, manifest(v2, p1)), ['image.rejected']);
  });

  it('keeps what was accepted when the image is gone', () => {
    const { reason, next, says } = judge(entry(), { kind: 'absent' });
    assert.deepEqual([reason, next, says], ['absent', entry({ state: 'absent' }), []]);
    assert.deepEqual(judge(null, { kind: 'absent' }).next, { reference, accepted: null, state: 'absent' });
  });

  it('keeps what was accepted in trouble, and says so once when it begins and once when it ends', () => {
    const began = judge(entry(), trouble);
    assert.deepEqual(began.next, entry({ state: 'unreachable', trouble: { code: 'REGISTRY_UNREACHABLE', message: 'gone', since: now } }));
    assert.deepEqual(began.says, [
      {
        subject: 'registry.unreachable',
        data: {
          registry: 'registry.example.com',
          reference,
          code: 'REGISTRY_UNREACHABLE',
          message: `${reference} could not be looked at: gone`,
          since: now,
          retryAfterMs: 2_000,
        },
      },
    ]);
    assert.deepEqual(judge(unreachable, trouble), { reason: 'trouble', next: null, says: [] });
    const other = judge(unreachable, { ...trouble, code: 'REGISTRY_ERROR' });
    assert.deepEqual([other.next?.trouble?.code, other.next?.trouble?.since, other.says], ['REGISTRY_ERROR', before, []]);
    const ended = judge(unreachable, named(v1));
    assert.deepEqual(ended.next, entry());
    assert.deepEqual(ended.says, [{ subject: 'registry.recovered', data: { registry: 'registry.example.com', reference, since: before } }]);
    assert.deepEqual(subjects(unreachable, { kind: 'absent' }), ['registry.recovered']);
    assert.deepEqual(subjects(unreachable, manifest(v2, p2)), ['registry.recovered', 'image.updated']);
  });

  it('writes down until when the registry asked to be left alone', () => {
    const { next } = judge(entry(), { ...trouble, code: 'REGISTRY_RATE_LIMITED', retryAfterMs: 90_000 });
    assert.equal(next?.trouble?.retryAt, '2026-01-02T00:01:30.000Z');
    assert.equal(judge(next, trouble).next?.trouble?.retryAt, undefined);
  });

  it('writes an entry at once although nothing is known, so that the local image can serve', () => {
    assert.deepEqual([judge(null, trouble).next?.accepted, judge(null, trouble).next?.state], [null, 'unreachable']);
    assert.equal(judge(null, { kind: 'postponed', message: 'nobody knows who we are' }).next?.state, 'unreachable');
  });

  it('waits when nobody can tell who we are', () => {
    assert.deepEqual(judge(entry(), { kind: 'postponed', message: '' }), { reason: 'postponed', next: null, says: [] });
  });

  describe('that access is denied, to an image of which nothing is expected and no registry ever told', () => {
    const denied: Trouble = { kind: 'trouble', code: 'REGISTRY_DENIED', message: 'who are you?' };
    const local = (known: ImageEntry | null, expected = false, answer: Trouble = denied, of = reference) =>
      judgeAnswer({ reference: of, expected, entry: known, answer, platform: 'linux/amd64', services: [], now, retryAfterMs: 1 });
    const told = { code: 'REGISTRY_DENIED', message: 'who are you?', since: now };

    it('is no trouble: the engine has it by itself, and the words are kept for the case that it has not', () => {
      const { reason, next, says } = local(null);
      assert.deepEqual([reason, next, says], ['absent', { reference, accepted: null, state: 'absent', trouble: told }, []]);
      assert.deepEqual(local(next), { reason: 'absent', next: null, says: [] });
    });

    it('is told since when, although the words are others later', () => {
      const first = entry({ accepted: null, state: 'absent', trouble: { ...told, since: before } });
      assert.deepEqual(local(first, false, { ...denied, message: 'log in first' }).next?.trouble, {
        ...told,
        message: 'log in first',
        since: before,
      });
    });

    it('ends trouble that was told before, and begins it once something is expected', () => {
      const subjectsOf = ({ says }: ReturnType<typeof local>) => says.map(({ subject }) => subject);
      assert.deepEqual(subjectsOf(local(local(null, false, trouble).next)), ['registry.recovered']);
      assert.deepEqual(subjectsOf(local(local(null).next, true)), ['registry.unreachable']);
    });

    for (const [what, known, expected, answer, of] of [
      ['it is expected', null, true, denied, reference],
      ['a registry told of it once', entry(), false, denied, reference],
      ['it is pinned', null, false, denied, ImageReference.parse(`app@${v1}`)],
      ['the registry is away', null, false, trouble, reference],
    ] as const) {
      it(`is trouble when ${what}`, () => assert.equal(local(known, expected, answer, of).next?.state, 'unreachable'));
    }
  });

  describe('for a pinned digest', () => {
    const pinned = ImageReference.parse(`app@${v1}`);

    it('accepts it although the registry does not answer', () => {
      for (const answer of [trouble, { kind: 'absent' }] as const) {
        const { next, says } = judge(null, answer, pinned);
        assert.deepEqual(next?.accepted, { digest: v1, platformDigest: v1, acceptedAt: now });
        assert.equal(says[0]?.subject, 'image.updated');
      }
      assert.deepEqual(subjects(judge(null, trouble, pinned).next, trouble, pinned), []);
    });

    it('learns the image of the platform later, and says nothing, for nothing moved', () => {
      const first = judge(null, trouble, pinned).next;
      const later = judge(first, manifest(v1, p1), pinned);
      assert.equal(later.next?.accepted?.platformDigest, p1);
      assert.deepEqual(
        later.says.map(({ subject }) => subject),
        ['registry.recovered'],
      );
    });
  });

  it('asks for the manifest only of a digest that it has no opinion of', () => {
    const needs = (known: ImageEntry | null, digest: Digest) => needsManifest(known, { digest, platform: 'linux/amd64' });
    assert.equal(needs(null, v1), true);
    assert.equal(needs(entry(), v1), false);
    assert.equal(needs(entry(), v2), true);
    assert.equal(needs(entry({ seen: { digest: v2, firstSeenAt: before, rejected: 'platform' } }), v2), false);
    assert.equal(needs(entry({ seen: { digest: v2, firstSeenAt: before } }), v2), true);
    // Nor of one that was judged for another platform, or before it was written down for which.
    assert.equal(needs(entry({ platform: 'linux/arm64' }), v1), true);
    const { platform: _platform, ...older } = entry();
    assert.equal(needs(older, v1), true);
  });

  it('judges again what was judged for another platform: a wrong one that is corrected accepts what it had rejected', () => {
    const wrong = judge(null, manifest(v1, null), reference, 'linux/arm64').next;
    assert.deepEqual([wrong?.accepted, wrong?.seen?.rejected, wrong?.platform], [null, 'platform', 'linux/arm64']);
    assert.ok(needsManifest(wrong, { digest: v1, platform: 'linux/amd64' }));
    const { reason, next, says } = judge(wrong, manifest(v1, p1));
    assert.deepEqual([reason, next?.accepted?.digest, next?.seen?.rejected, next?.platform], ['accepted', v1, undefined, 'linux/amd64']);
    assert.equal(says[0]?.subject, 'image.updated');
  });

  it('says that no variant fits again for another platform, and keeps what was accepted', () => {
    const { next, says } = judge(entry(), manifest(v1, null), reference, 'linux/arm64');
    assert.deepEqual([next?.accepted?.digest, next?.platform, says[0]?.subject], [v1, 'linux/arm64', 'image.rejected']);
    assert.equal(needsManifest(next, { digest: v1, platform: 'linux/arm64' }), false);
  });

  it('never loses what was accepted, and only ever accepts what a manifest named', () => {
    const answer = fc.oneof(
      fc.constantFrom(v1, v2).map(named),
      fc.tuple(fc.constantFrom(v1, v2), fc.constantFrom(p1, p2, null)).map(([of, platform]) => manifest(of, platform)),
      fc.constantFrom<TagAnswer>(trouble, { ...trouble, code: 'REGISTRY_DENIED' }, { kind: 'absent' }, { kind: 'postponed', message: '' }),
    );
    fc.assert(
      fc.property(fc.array(answer), (answers) => {
        let known = null as ImageEntry | null;
        let inTrouble = false;
        for (const each of answers) {
          if (each.kind === 'digest' && needsManifest(known, { digest: each.digest, platform: 'linux/amd64' })) continue;
          const accepted: Digest | null = known?.accepted?.digest ?? null;
          const { next, says } = judge(known, each);
          if (next) assert.deepEqual(ImageEntry.parse(next), next);
          known = next ?? known;
          const moved: boolean = (known?.accepted?.digest ?? null) !== accepted;
          assert.equal(
            moved,
            says.some(({ subject }) => subject === 'image.updated'),
          );
          if (moved) assert.equal(each.kind === 'manifest' && each.digest, known?.accepted?.digest);
          // Trouble and recovery alternate.
          for (const { subject } of says) {
            if (subject === 'registry.unreachable') assert.equal(inTrouble, false);
            if (subject === 'registry.recovered') assert.equal(inTrouble, true);
            if (subject.startsWith('registry.')) inTrouble = subject === 'registry.unreachable';
          }
          assert.equal(known?.state === 'unreachable', inTrouble);
        }
      }),
    );
  });
});
