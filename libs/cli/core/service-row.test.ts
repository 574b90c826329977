import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceSpec } from '@kedge/shared/contracts';
import { web } from '../testing/samples.ts';
import { serviceHeadings, serviceRow } from './service-row.ts';

const row = (spec: object) => serviceRow({ name: web, folder: 'web', spec: ServiceSpec.parse(spec) });
const least = { service: { name: 'web', image: 'hello:1' }, dispenser: { watch: true } };

describe('serviceRow', () => {
  it('tells what a service shares with the machine', () => {
    const full = row({
      ...least,
      port: [
        { host: 8080, container: 80 },
        { host: 53, container: 53, protocol: 'udp', host_ip: '127.0.0.1' },
      ],
      network: [{ name: 'back' }],
      volume: [
        { source: './web/data', target: '/data' },
        { source: 'cache', target: '/cache', readonly: true },
      ],
      dispenser: { watch: false, cron: '0 3 * * *', initialize: 'on-trigger' },
      proxy: { host: 'a.example', service_port: 80 },
    });
    assert.deepEqual(full, [
      'web',
      'hello:1',
      '8080:80 127.0.0.1:53:53/udp',
      'a.example/',
      'back',
      './web/data:/data cache:/cache:ro',
      '0 3 * * *, on trigger',
    ]);
    assert.equal(full.length, serviceHeadings.length);
  });

  it('leaves empty what it does not have', () => assert.deepEqual(row(least), ['web', 'hello:1', '', '', '', '', '']));
});
