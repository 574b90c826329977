import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Runs the health check in a container's place: a folder for temporary files, and a health server that gives this answer. */
async function check(answer: Answer | null, folder: string): Promise<{ readonly code: number; readonly said: string }> {
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
  }
}

describe('healthcheck', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-health-'));
  });
  afterEach(async () => await rm(folder, { recursive: true }));
  const ready = { status: 200, body: '{"ok":true}' };

  it('is healthy when every part is ready', async () => {
    assert.deepEqual(await check(ready, folder), { code: 0, said: '{"ok":true}' });
  });

  it('is unhealthy when a part is not, and says which', async () => {
    const body = '{"ok":false,"parts":{"engine":"does not answer"}}';
    for (const before of [null, ready]) {
      if (before) await check(before, folder);
      assert.deepEqual(await check({ status: 503, body }, folder), { code: 1, said: body });
    }
  });

  it('is healthy while nothing but the bus is away, once it was ready', async () => {
    const body = '{"ok":false,"parts":{"bus":"away","bus-state":false}}';
    assert.equal((await check({ status: 503, body }, folder)).code, 1);
    await check(ready, folder);
    assert.deepEqual(await check({ status: 503, body }, folder), { code: 0, said: body });
    const back = '{"ok":false,"parts":{"bus":true,"bus-state":false}}';
    assert.equal((await check({ status: 503, body: back }, folder)).code, 1);
  });

  it('is unhealthy when what answers is not the component', async () => {
    await check(ready, folder);
    assert.equal((await check({ status: 503, body: 'no' }, folder)).code, 1);
  });

  it('is unhealthy as long as the component has not written its port', async () => {
    const { code, said } = await check(null, folder);
    assert.equal(code, 1);
    assert.match(said, /kedge-health-port/);
  });
});
