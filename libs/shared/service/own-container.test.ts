import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerIdOf } from './own-container.ts';

const id = 'a1'.repeat(32);
const inside = `
620 598 254:0 /var/lib/docker/containers/${id}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda rw
621 598 254:0 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw
`;

describe('the container of this process', () => {
  it('is named by the mount of its host name', () => assert.equal(containerIdOf(inside), id));
  it('is none where nothing is mounted so', () => assert.equal(containerIdOf('21 26 0:19 / /sys rw,nosuid - sysfs sysfs rw\n'), null));
});
