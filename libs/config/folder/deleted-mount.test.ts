import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeletedMount } from './deleted-mount.ts';

const line = (source: string, target: string) => `43 27 254:0 ${source} ${target} rw,relatime - ext4 /dev/vda rw,discard\n`;
const others = `${line('/', '/')}${line('/srv/old//deleted', '/other')}`;

describe('a mount whose source was deleted', () => {
  for (const [mountinfo, path, deleted] of [
    [`${others}${line('/home/me/deploy//deleted', '/config')}`, '/config', true],
    [`${others}${line('/home/me/deploy', '/config')}`, '/config', false],
    [`${others}${line('/my\\040own//deleted', '/my\\040config')}`, '/my config', true],
    [others, '/config', false],
    ['', '/config', false],
  ] as const) {
    it(`${deleted ? 'is' : 'is not'} at ${path} in ${JSON.stringify(mountinfo.split('\n').at(-2) ?? '')}`, () => {
      assert.equal(isDeletedMount(mountinfo, path), deleted);
    });
  }
});
