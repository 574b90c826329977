import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { listenersIn, portListeners } from './port-listeners.ts';

describe('who listens on a port', () => {
  it('is read from the table of the kernel: only those that listen, only on this port', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0',
      '   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1',
      '   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0',
      '',
    ].join('\n');
    assert.deepEqual([listenersIn(table, 80), listenersIn(table, 8080), listenersIn('', 80)], [['4711'], ['4713'], []]);
  });

  it('sees another socket come to a shared port, and go', async () => {
    const first = createServer().listen({ port: 0, host: '127.0.0.1', reusePort: true });
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const alone = await portListeners(port);
    const second = createServer().listen({ port, host: '127.0.0.1', reusePort: true });
    await once(second, 'listening');
    const both = await portListeners(port);
    second.close();
    await once(second, 'close');
    assert.deepEqual([alone.size, both.size, await portListeners(port)], [1, 2, alone]);
    first.close();
  });
});
