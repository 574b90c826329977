import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerIdOf } from './own-container.ts';

const id = 'b98d785c3dd6532534e4c8704f150633ed888c9ce820191f17c606d235f2cd3d';
const other = 'a'.repeat(64);

describe('the id of the own container', () => {
  it('is in the mount of its host name, wherever the engine keeps its data', () => {
    for (const root of ['/var/lib/docker', '/data/docker/100000.100000', '']) {
      const mounts = [
        `189 173 0:73 / /proc rw - proc proc rw`,
        `190 173 254:0 ${root}/containers/${id}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda rw`,
        `191 173 254:0 ${root}/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw`,
      ].join('\n');
      assert.equal(containerIdOf(mounts), id);
    }
  });

  it('is not that of a container whose folder is only mounted', () => {
    assert.equal(containerIdOf(`32 1 254:0 /var/lib/docker/containers/${other}/hostname /watched rw - ext4 /dev/vda rw`), null);
  });

  it('is nothing outside of a container', () => {
    assert.equal(containerIdOf(''), null);
    assert.equal(containerIdOf('24 1 254:0 / / rw,relatime - ext4 /dev/vda rw'), null);
  });
});
