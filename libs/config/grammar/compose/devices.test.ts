import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Devices } from './devices.ts';

describe('devices', () => {
  testForms('devices', {
    schema: Devices,
    reads: [
      [['/dev/sda'], ['/dev/sda:/dev/sda:rwm']],
      [['/dev/sda:r'], ['/dev/sda:/dev/sda:r']],
      [['/dev/sda:/dev/xvda'], ['/dev/sda:/dev/xvda:rwm']],
      [['/dev/sda:/dev/xvda:rw'], ['/dev/sda:/dev/xvda:rw']],
      [[{ source: '/dev/sda' }], ['/dev/sda:/dev/sda:rwm']],
      [[{ source: '/dev/sda', target: '/dev/x', permissions: 'm' }], ['/dev/sda:/dev/x:m']],
      ...['nvidia.com/gpu=all', 'nvidia.com/gpu=0:1', 'vendor/class=x', 'Vendor-1.example_a.com/net-class=eth0.5', 'v/c=GPU-1f2e:0'].map(
        (name) => [[name], [name]] as const,
      ),
      [[{ source: 'nvidia.com/gpu=all' }], ['nvidia.com/gpu=all']],
    ],
    refuses: [
      [['sda'], /0 must be a device of the host/],
      [['/dev/sda:/dev/x:rrw'], /must be a device/],
      [['/dev/sda:/dev/x:rwm:x'], /must be a device/],
      [['/dev/sda::rwm'], /must be a device/],
      [['/dev/a\0'], /must be a device/],
      [[5], /must be a device/],
      ...['nvidia.com/gpu', 'nvidia.com/gpu=', 'gpu=all', '1v/c=x', 'v/1c=x', 'v./c=x', 'v/c=x-', 'v/c=-x', 'v/c=x y', 'v/c/d=x'].map(
        (name) => [[name], /0 must be a device of the host .*or the CDI name of one, such as "nvidia.com\/gpu=all"/] as const,
      ),
      [[{ source: '/dev/a:b' }], /0.source must not contain ":"/],
      [[{ source: '/dev/a', target: 'b' }], /0.target must begin with "\/"/],
      [[{ source: '/dev/a', permissions: 'x' }], /0.permissions must be some of the letters/],
      [[{ source: 'nvidia.com/gpu=all', target: '/dev/x' }], /0.target has no meaning beside a CDI name/],
      [[{ source: 'nvidia.com/gpu' }], /0.source must begin with "\/"/],
    ],
  });
});
