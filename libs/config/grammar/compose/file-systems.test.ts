import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Devices, Tmpfs } from './file-systems.ts';

describe('file systems and devices', () => {
  testForms('tmpfs', {
    schema: Tmpfs,
    reads: [
      ['/run', ['/run']],
      [
        ['/run:size=64m,mode=1777,noexec', '/tmp:uid=1000,gid=1000,ro'],
        ['/run:size=64m,mode=1777,noexec', '/tmp:uid=1000,gid=1000,ro'],
      ],
    ],
    refuses: [
      ['run', /must be a path in the container/],
      ['/', /must be a path in the container/],
      ['/run:siez=64m', /an option that no tmpfs knows; there are size, mode/],
      [[5], /expected string/],
      [5, /must be one text, or an array/],
    ],
  });
  testForms('devices', {
    schema: Devices,
    reads: [
      [['/dev/sda'], ['/dev/sda:/dev/sda:rwm']],
      [['/dev/sda:r'], ['/dev/sda:/dev/sda:r']],
      [['/dev/sda:/dev/xvda'], ['/dev/sda:/dev/xvda:rwm']],
      [['/dev/sda:/dev/xvda:rw'], ['/dev/sda:/dev/xvda:rw']],
      [[{ source: '/dev/sda' }], ['/dev/sda:/dev/sda:rwm']],
      [[{ source: '/dev/sda', target: '/dev/x', permissions: 'm' }], ['/dev/sda:/dev/x:m']],
    ],
    refuses: [
      [['sda'], /0 must be a device of the host/],
      [['/dev/sda:/dev/x:rrw'], /must be a device/],
      [['/dev/sda:/dev/x:rwm:x'], /must be a device/],
      [['nvidia.com/gpu=all'], /must be a device/],
      [[5], /must be a device/],
    ],
  });
});
