import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerIdOf } from './container-id.ts';

const id = '3f1c'.repeat(16);

describe('the id of the own container', () => {
  it('stands in the mount table, also with host networking', () => {
    const mounts = `1 2 0:1 / / rw - overlay overlay rw\n3 2 8:1 /var/lib/docker/containers/${id}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw\n4 2 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n`;
    assert.equal(containerIdOf(mounts), id);
  });

  it('is absent outside of a container', () => assert.equal(containerIdOf('1 2 8:1 / / rw - ext4 /dev/vda1 rw\n'), null));
});
