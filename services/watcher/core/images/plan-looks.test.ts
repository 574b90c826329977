import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageEntry, ImageReference, ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import type { DeclaredImage } from './declared-images.ts';
import { needsLooks, type PlannedLook, planLooks } from './plan-looks.ts';
import { ownerOf } from './rendezvous.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const nginx = ImageReference.parse('nginx');
const pinned = ImageReference.parse(`nginx@${digest}`);
const at = '2026-01-01T00:00:00.000Z';
const entry = (reference: string, state: 'present' | 'absent' | 'unreachable', accepted: boolean) =>
  ImageEntry.parse({ reference, state, accepted: accepted ? { digest, platformDigest: digest, acceptedAt: at } : null });

describe('whether an image needs looks', () => {
  const table: readonly [string, ImageReference, boolean, ImageEntry | null, boolean][] = [
    ['watched and new', nginx, true, null, true],
    ['watched and accepted', nginx, true, entry('nginx', 'present', true), true],
    ['not watched and new', nginx, false, null, true],
    ['not watched and absent', nginx, false, entry('nginx', 'absent', false), true],
    ['not watched and accepted', nginx, false, entry('nginx', 'present', true), false],
    ['not watched, accepted, and unreachable since', nginx, false, entry('nginx', 'unreachable', true), false],
    ['pinned and new', pinned, true, null, true],
    ['pinned and accepted', pinned, true, entry(pinned, 'present', true), false],
    ['pinned and absent', pinned, true, entry(pinned, 'absent', true), false],
    ['pinned and in trouble', pinned, false, entry(pinned, 'unreachable', true), true],
  ];
  for (const [what, reference, watched, known, wanted] of table) {
    it(`${what}: ${wanted}`, () => assert.equal(needsLooks({ reference, watched }, known), wanted));
  }
});

describe('planning looks', () => {
  const image = (name: string, more: Partial<DeclaredImage> = {}): DeclaredImage => ({
    reference: ImageReference.parse(name),
    watched: true,
    expected: true,
    delay: 60,
    services: [],
    ...more,
  });
  const look = (name: string, more: Partial<PlannedLook> = {}): PlannedLook => ({
    reference: ImageReference.parse(name),
    watched: true,
    delay: 60,
    owned: true,
    ...more,
  });
  const plan = ({
    declared = [],
    planned = [],
    known = [],
    members = ['me'],
  }: {
    readonly declared?: readonly DeclaredImage[];
    readonly planned?: readonly PlannedLook[];
    readonly known?: readonly ImageEntry[];
    readonly members?: readonly string[];
  }) =>
    planLooks({
      declared: new Map(declared.map((each) => [each.reference, each])),
      known: new Map(known.map((each) => [each.reference, each])),
      planned: new Map(planned.map((each) => [each.reference, each])),
      members,
      self: 'me',
    });

  it('begins with what is new, and leaves the rest its turn', () => {
    assert.deepEqual(plan({ declared: [image('aa'), image('bb')], planned: [look('aa')] }), { begin: [look('bb')], forget: [] });
  });

  it('begins again when the interval changed or somebody began to watch', () => {
    assert.deepEqual(plan({ declared: [image('aa', { delay: 5 })], planned: [look('aa')] }).begin, [look('aa', { delay: 5 })]);
    assert.deepEqual(plan({ declared: [image('aa')], planned: [look('aa', { watched: false })] }).begin, [look('aa')]);
  });

  it('forgets what is no longer declared, and what needs no more looks', () => {
    assert.deepEqual(plan({ planned: [look('aa')] }), { begin: [], forget: ['aa'] });
    assert.deepEqual(
      plan({
        declared: [image('aa', { watched: false })],
        planned: [look('aa', { watched: false })],
        known: [entry('aa', 'present', true)],
      }),
      { begin: [], forget: ['aa'] },
    );
  });

  it('looks once at a new image of its own node that another member follows', () => {
    const members = ['me', 'other'];
    const name = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff'].find((each) => ownerOf(each, members) === 'other');
    assert.ok(name);
    const own = image(name, { services: [ServiceName.parse('web')] });
    assert.deepEqual(plan({ declared: [own], members }).begin, [look(name, { owned: false })]);
    assert.deepEqual(plan({ declared: [image(name)], members }).begin, []);
    const looked = { declared: [own], planned: [look(name, { owned: false })], known: [entry(name, 'present', true)] };
    assert.deepEqual(plan({ ...looked, members }), { begin: [], forget: [name] });
    assert.deepEqual(plan(looked), { begin: [look(name)], forget: [] });
  });

  it('lets every image be followed by exactly one of the members', () => {
    const images = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 8 });
    fc.assert(
      fc.property(images, fc.uniqueArray(fc.stringMatching(/^[a-z]$/), { maxLength: 4 }), (names, others) => {
        const members = ['me', ...others];
        const declared = names.map((name) => image(name));
        const mine = plan({ declared, members }).begin;
        assert.deepEqual(
          mine.map(({ reference }) => reference),
          declared.map(({ reference }) => reference).filter((reference) => ownerOf(reference, members) === 'me'),
        );
        // A look that is planned already is neither begun again nor forgotten.
        assert.deepEqual(plan({ declared, planned: mine, members }), { begin: [], forget: [] });
      }),
    );
  });
});
