import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPortGuard } from './guard-ports.ts';
import type { HostPorts, PublishedPort } from './ports.ts';
import { container, declared } from './testing/observed.ts';

const spec = declared({ port: [{ host: 8080, container: 80 }] });

/** A guard, and how often it asked the engine. */
function openGuard(state: Awaited<ReturnType<HostPorts['check']>>, published: readonly PublishedPort[] = []) {
  const asked: string[] = [];
  const engine = {
    async published() {
      asked.push('engine');
      return published;
    },
  };
  return { asked, guard: createPortGuard({ engine, hostPorts: { check: async () => state } }) };
}

describe('the guard of ports', () => {
  it('asks nobody about a service that publishes nothing', async () => {
    const { asked, guard } = openGuard('taken');
    await guard({ containers: [] }, declared());
    assert.deepEqual(asked, []);
  });

  it('lets a start go on where nobody can tell: the engine decides', async () => {
    await openGuard('unknown').guard({ containers: [] }, spec);
  });

  it('refuses a start for a port that another program has, as an obstacle that is tried again', async () => {
    await assert.rejects(openGuard('taken').guard({ containers: [] }, spec), { name: 'RetryableError', code: 'PORT_TAKEN' });
  });

  it('lets a start go on when the service itself has the port', async () => {
    const own = { container: 'c1', name: 'web', host: 8080, protocol: 'tcp', hostIp: '0.0.0.0' } as const;
    await openGuard('taken', [own]).guard({ containers: [container({ id: 'c1' })] }, spec);
  });
});
