import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Runs the health check in a container's place: its own folder for temporary files, and a health server that gives this answer. */
async function check(answer: Answer | null): Promise<{ readonly code: number; readonly said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-health-'));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (answer) response.writeHead(answer.status).end(answer.body);
  }).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    if (answer) await writeFile(join(folder, 'kedge-health-port'), String((server.address() as AddressInfo).port));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'healthcheck.ts')], { env: { ...process.env, TMPDIR: folder } });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? -1)));
    assert.deepEqual(asked, answer ? ['/readyz'] : []);
    return { code, said: said.trim() };
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

describe('healthcheck', () => {
  it('is healthy when every part is ready', async () => {
    assert.deepEqual(await check({ status: 200, body: '{"ok":true}' }), { code: 0, said: '{"ok":true}' });
  });

  it('is unhealthy when a part is not, and says which', async () => {
    const body = '{"ok":false,"parts":{"start":true,"bus":true,"engine":"does not answer"}}';
    assert.deepEqual(await check({ status: 503, body }), { code: 1, said: body });
  });

  it('is healthy while it lacks the bus, once it has started', async () => {
    const body = '{"ok":false,"parts":{"start":true,"bus":"disconnected","bus-state":false}}';
    assert.deepEqual(await check({ status: 503, body }), { code: 0, said: body });
    assert.equal((await check({ status: 503, body: '{"ok":false,"parts":{"start":false,"bus":"disconnected"}}' })).code, 1);
  });

  it('is unhealthy when what answers is not the component', async () => {
    for (const body of ['no', '{}', 'null']) assert.equal((await check({ status: 503, body })).code, 1, body);
  });

  it('is unhealthy as long as the component has not written its port', async () => {
    const { code, said } = await check(null);
    assert.equal(code, 1);
    assert.match(said, /kedge-health-port/);
  });
});
