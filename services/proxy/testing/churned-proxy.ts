import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { endpoints } from './endpoints.ts';
import { startDataPlane } from './start-data-plane.ts';

/**
 * A data plane as a process of its own, which says over IPC what it holds. Run with `--expose-gc` and the port of an upstream; a message
 * is a number, for routes of that number, or `weigh`.
 */
const port = Number(process.argv[2]);
const plane = await startDataPlane({ KEDGE_UPSTREAM_IDLE: '200ms' });

export interface Weight {
  readonly heapBytes: number;
  /** Names of what keeps the event loop busy, sorted. */
  readonly resources: readonly string[];
  readonly descriptors: number;
  readonly connections: number;
  readonly underWay: number;
}

function swap(number: number): void {
  plane.route([endpoints('web', [{ id: `web-${number}`, port }]), endpoints('ws', [{ id: `ws-${number}`, port }])]);
}

async function weigh(): Promise<Weight> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await turn();
  }
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().sort(),
    descriptors: readdirSync('/proc/self/fd').length,
    connections: plane.connections(),
    underWay: await plane.underWay(),
  };
}

process.on('message', (asked: number | 'weigh') => {
  if (asked === 'weigh') {
    void weigh().then((weight) => process.send?.(weight));
    return;
  }
  swap(asked);
  process.send?.(asked);
});
process.send?.(plane.port);
