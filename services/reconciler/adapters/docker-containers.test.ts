import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { NodeName, ServiceName } from '@kedge/shared/contracts';
import type { DockerApi } from './docker-api.ts';
import { removeContainer, removeForeignContainer } from './docker-containers.ts';

const [node, service] = [NodeName.parse('local'), ServiceName.parse('web')];
const id = 'c1'.repeat(32);

/** An engine that has one container with these labels, and what was asked of it besides a look. */
function engineWith(labels: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const api: DockerApi = {
    async send({ method, path, query }, schema) {
      if (method !== 'GET') asked.push(`${method} ${path} ${JSON.stringify(query)}`);
      const Networks = { kedge: {} };
      return schema.parse({
        Id: id,
        Name: '/web',
        Image: 'sha256:1',
        Created: '2026-01-01T00:00:00Z',
        RestartCount: 0,
        State: { Status: 'running', ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z' },
        Config: { Image: 'app', Labels: labels },
        HostConfig: { NetworkMode: 'kedge', RestartPolicy: { Name: 'always' } },
        NetworkSettings: { Networks },
      });
    },
    read: () => Promise.reject(new Error('nobody reads here')),
    open: () => Promise.reject(new Error('nobody follows here')),
  };
  return { api, asked };
}

const ours = { 'kedge.node': node, 'kedge.service': service };

describe('what goes with a container', () => {
  it('is of ours what it has in volumes without a name: the engine takes no others along', async () => {
    const { api, asked } = engineWith(ours);
    await removeContainer(api, { id, expect: { service, node } });
    assert.deepEqual(asked, [`DELETE /containers/${id} {"v":true,"force":true}`]);
  });

  it('is of others nothing at all', async () => {
    const { api, asked } = engineWith({});
    await removeForeignContainer(api, id);
    assert.deepEqual(asked, [`DELETE /containers/${id} {"v":false,"force":true}`]);
  });

  it('is nothing where it belongs to somebody else', async () => {
    const { api, asked } = engineWith({ ...ours, 'kedge.service': 'api' });
    await assert.rejects(removeContainer(api, { id, expect: { service, node } }), { code: 'NOT_OURS' });
    await assert.rejects(removeForeignContainer(api, id), { code: 'NOT_FOREIGN' });
    assert.deepEqual(asked, []);
  });

  it('is never a volume with a name: no adapter knows the words of the engine for that', async () => {
    const sources = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.ts') && !/\.(?:test|it)\.ts$/.test(name));
    assert.ok(sources.includes('docker-containers.ts'));
    for (const name of sources) {
      const text = await readFile(join(import.meta.dirname, name), 'utf8');
      assert.ok(!/\/volumes\b|\/prune\b/.test(text), `${name} speaks of volumes, or prunes`);
    }
  });
});
