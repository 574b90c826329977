import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigManifest, Digest, type Finding, type ImageEntry, ImageReference, NodeName, ServiceName } from '@kedge/shared/contracts';
import { rejectionRecord } from './configuration/first-rejection.ts';
import { examineWatched } from './examination.ts';

const since = '2026-03-01T12:00:00.000Z';
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const web = ImageReference.parse('example.com/web:1');
const tool = ImageReference.parse('tool');
const problem = { file: 'web/service.toml', line: 3, column: 1, message: 'unknown key "imgae"' };

const inForce: ConfigManifest = {
  node: NodeName.parse('local'),
  revision: '0123456789abcdef',
  entry: 'kedge.toml',
  services: { web: 'x' },
  delay: 60,
};

function entryOf(reference: ImageReference, extra: Partial<ImageEntry> = {}): [ImageReference, ImageEntry] {
  return [reference, { reference, state: 'present', accepted: { digest, platformDigest: digest, acceptedAt: since }, ...extra }];
}

describe('examineWatched', () => {
  const many = Array.from({ length: 500 }, (_, nth) => ServiceName.parse(`s${nth}`));
  const configurations: readonly (readonly [string, ConfigManifest | null, Finding['state'], RegExp])[] = [
    ['one in force', inForce, 'fine', /^revision 0123456789ab is in force, with 1 service$/],
    ['none', null, 'warning', /none yet/],
    ['one that is held', { ...inForce, held: { revision: 'b', removes: [ServiceName.parse('web')], since } }, 'warning', /removes web$/],
    [
      'so much of one that is held as somebody reads',
      { ...inForce, held: { revision: 'b', removes: many, since } },
      'warning',
      /s7 and 492 more$/,
    ],
    ['one that is rejected', { ...inForce, rejected: { problems: [problem], since } }, 'failed', /web\/service\.toml:3:1: unknown key/],
  ];
  for (const [name, manifest, state, message] of configurations) {
    it(`tells of the configuration: ${name}`, () => {
      const [found]: readonly Finding[] = examineWatched({
        manifest,
        rejection: null,
        declared: [],
        entries: new Map(),
        authorities: null,
      });
      assert.equal(found?.state, state);
      assert.match(found?.message ?? '', message);
      assert.equal(found?.advice === undefined, state === 'fine');
    });
  }

  it('names what asks about one that is held, not what agrees unread', () => {
    const manifest = { ...inForce, held: { revision: 'b', removes: [ServiceName.parse('web')], since } };
    const [found]: readonly Finding[] = examineWatched({ manifest, rejection: null, declared: [], entries: new Map(), authorities: null });
    assert.equal(found?.advice, '"kedge apply" shows it and asks; putting the files back undoes it');
  });

  it('tells why nothing was ever in force', () => {
    const rejection = rejectionRecord({ node: inForce.node, problems: [problem], now: new Date(since) });
    const [found]: readonly Finding[] = examineWatched({ manifest: null, rejection, declared: [], entries: new Map(), authorities: null });
    assert.equal(found?.state, 'failed');
    assert.match(
      found?.message ?? '',
      /^rejected since 2026-03-01T12:00:00.000Z, nothing is in force yet: web\/service\.toml:3:1: unknown/,
    );
    const [mended]: readonly Finding[] = examineWatched({
      manifest: inForce,
      rejection,
      declared: [],
      entries: new Map(),
      authorities: null,
    });
    assert.equal(mended?.state, 'fine');
  });

  const trouble = { code: 'REGISTRY_DENIED', message: 'log in first', since };
  const registries: readonly (readonly [string, readonly [ImageReference, ImageEntry][], Finding['state'], RegExp])[] = [
    ['that answers', [entryOf(web)], 'fine', /answers for 1 image$/],
    ['in trouble', [entryOf(web, { state: 'unreachable', trouble })], 'failed', /log in first \(REGISTRY_DENIED\), since 2026/],
    ['without the image', [entryOf(web, { state: 'absent', accepted: null })], 'warning', /has no example\.com\/web:1/],
    ['that was not asked yet', [], 'warning', /^1 image was not asked for yet/],
  ];
  for (const [name, entries, state, message] of registries) {
    it(`tells of a registry ${name}`, () => {
      const [, found]: readonly Finding[] = examineWatched({
        manifest: inForce,
        rejection: null,
        declared: [{ reference: web, expected: true }],
        entries: new Map(entries),
        authorities: null,
      });
      assert.deepEqual([found?.what, found?.state], ['registry example.com', state]);
      assert.match(found?.message ?? '', message);
      assert.equal(found?.advice === undefined, state === 'fine');
    });
  }

  const local = ImageReference.parse('example.com/local:1');
  const unknown = (extra: Partial<ImageEntry>) => entryOf(local, { accepted: null, ...extra });
  const unfollowed: readonly (readonly [string, readonly [ImageReference, ImageEntry][], Finding['state'], RegExp])[] = [
    [
      'does not have',
      [unknown({ state: 'absent' })],
      'fine',
      /^it tells nothing of example\.com\/local:1, left to the engine's own images$/,
    ],
    ['denies', [unknown({ state: 'absent', trouble })], 'fine', /^it tells nothing of/],
    [
      'cannot be asked for',
      [unknown({ state: 'unreachable', trouble })],
      'warning',
      /^log in first \(REGISTRY_DENIED\), since 2026.*; example\.com\/local:1 is left to the engine's own images meanwhile$/,
    ],
    ['has, and not for this platform', [unknown({ state: 'present' })], 'fine', /^it answers for 1 image$/],
    [
      'does not have, beside another one',
      [entryOf(web), unknown({ state: 'absent' })],
      'fine',
      /^it answers for 1 image; it tells nothing of/,
    ],
    ['had', [entryOf(local, { state: 'absent' })], 'warning', /^it has no example\.com\/local:1$/],
    ['was not asked for yet', [], 'warning', /^1 image was not asked for yet$/],
  ];
  for (const [name, entries, state, message] of unfollowed) {
    it(`tells of an image of which nothing is expected and that the registry ${name}`, () => {
      const declared = [{ reference: local, expected: false }, ...(entries.length > 1 ? [{ reference: web, expected: true }] : [])];
      const [, found]: readonly Finding[] = examineWatched({
        manifest: inForce,
        rejection: null,
        declared,
        entries: new Map(entries),
        authorities: null,
      });
      assert.equal(found?.state, state);
      assert.match(found?.message ?? '', message);
    });
  }

  it('has a line for each registry, in order', () => {
    const found = examineWatched({
      manifest: inForce,
      rejection: null,
      declared: [web, tool].map((reference) => ({ reference, expected: true })),
      entries: new Map([entryOf(web), entryOf(tool)]),
      authorities: null,
    });
    assert.deepEqual(
      found.map(({ what }) => what),
      ['configuration', 'registry docker.io', 'registry example.com'],
    );
  });

  it('tells of a file of authorities, also that there is nothing in it', () => {
    const tell = (certificates: number) => {
      const [, found]: readonly Finding[] = examineWatched({
        manifest: inForce,
        rejection: null,
        declared: [],
        entries: new Map(),
        authorities: { certificates },
      });
      return found;
    };
    assert.deepEqual(tell(2), { what: 'authorities', state: 'fine', message: '2 are trusted beside the public ones' });
    assert.equal(tell(0)?.state, 'failed');
    assert.match(tell(0)?.advice ?? '', /KEDGE_AUTHORITIES/);
  });
});
