import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageReference, parseImageReference, pinnedReference } from './image-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const table: readonly (readonly [reference: string, registry: string, repository: string, tag: string | null, digest: string | null])[] = [
  ['nginx', 'docker.io', 'library/nginx', 'latest', null],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27', null],
  ['team/app', 'docker.io', 'team/app', 'latest', null],
  ['docker.io/team/app:2', 'docker.io', 'team/app', '2', null],
  ['localhost/app:1', 'localhost', 'app', '1', null],
  ['localhost:5000/app', 'localhost:5000', 'app', 'latest', null],
  ['registry.example.com/a/b/c:v1', 'registry.example.com', 'a/b/c', 'v1', null],
  [`registry.example.com:5000/app@${digest}`, 'registry.example.com:5000', 'app', null, digest],
  [`app:1@${digest}`, 'docker.io', 'library/app', '1', digest],
];

describe('an image reference', () => {
  for (const [reference, registry, repository, tag, pinned] of table) {
    it(`splits ${reference}`, () => {
      assert.equal(ImageReference.safeParse(reference).success, true);
      assert.deepEqual(parseImageReference(reference), { registry, repository, tag, digest: pinned });
    });
  }

  it('has a registry on a port that there may be', () => {
    for (const port of [1, 5000, 65_535]) assert.equal(ImageReference.safeParse(`localhost:${port}/app:70000`).success, true);
    for (const port of [65_536, 99_999_999])
      assert.match(ImageReference.safeParse(`a.example:${port}/app`).error?.message ?? '', /the port of the registry is at most 65535/);
  });

  for (const wrong of ['', 'UPPER/case', 'a b', 'app:', 'app@sha256:12', '-app', 'http://example.com/app']) {
    it(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(ImageReference.safeParse(wrong).success, false));
  }

  it('pins a repository to a digest', () => {
    assert.equal(pinnedReference('localhost:5000/app:1', digest), `localhost:5000/app@${digest}`);
  });
});
