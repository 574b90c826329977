import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isIpv4Subnet } from '../core/subnets.ts';
import { hostSubnets, routedSubnets } from './host-subnets.ts';

describe('routes of the machine', () => {
  it('are read from the kernel’s table without the default route', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
      'tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0',
      '',
    ].join('\n');
    assert.deepEqual(routedSubnets(table), ['192.168.0.0/24', '172.16.0.0/12']);
  });

  it('are none where there is no table', () => {
    assert.deepEqual(routedSubnets(''), []);
    assert.deepEqual(routedSubnets('Iface\nnonsense\n'), []);
  });

  it('and addresses of this machine are subnets, loopback among them', async () => {
    const subnets = await hostSubnets();
    assert.ok(subnets.includes('127.0.0.1/8'));
    assert.deepEqual(
      subnets.filter((subnet) => !isIpv4Subnet(subnet)),
      [],
    );
  });
});
