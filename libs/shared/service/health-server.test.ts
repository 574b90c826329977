import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Counter, Registry } from 'prom-client';
import type { Closable } from '../kernel/index.ts';
import { healthPortFile, startHealthServer } from './health-server.ts';

describe('the health server', () => {
  const states: Record<string, boolean | string> = {};
  const metrics = new Registry();
  let server: Closable & { readonly port: number };
  let folder: string;
  const { TMPDIR: usualFolder } = process.env;

  before(async () => {
    // Components of other tests write down their ports too.
    folder = await mkdtemp(join(tmpdir(), 'kedge-health-'));
    process.env.TMPDIR = folder;
    new Counter({ name: 'looks_total', help: 'looks', registers: [metrics] }).inc(3);
    server = await startHealthServer({ host: '127.0.0.1', port: 0, metrics, parts: () => states });
  });
  after(async () => {
    await server.close();
    if (usualFolder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usualFolder;
    await rm(folder, { recursive: true });
  });

  const get = async (path: string) => await fetch(`http://127.0.0.1:${server.port}${path}`);

  it('says that the process lives, whatever its parts do', async () => {
    states.registry = 'it is away';
    assert.equal((await get('/healthz')).status, 200);
  });

  it('is ready when every part is, and else says which is not, and why', async () => {
    Object.assign(states, { start: true, registry: 'it is away' });
    const notYet = await get('/readyz');
    assert.equal(notYet.status, 503);
    assert.deepEqual(await notYet.json(), { ok: false, parts: { start: true, registry: 'it is away' } });
    states.registry = true;
    assert.equal((await get('/readyz')).status, 200);
  });

  it('shows the metrics as Prometheus reads them', async () => {
    const shown = await get('/metrics');
    assert.match(shown.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await shown.text(), /^looks_total 3$/m);
  });

  it('takes another port when its own is taken, and writes down which', async () => {
    const second = await startHealthServer({ host: '127.0.0.1', port: server.port, metrics, parts: () => ({}) });
    try {
      assert.notEqual(second.port, server.port);
      assert.equal(await readFile(join(folder, healthPortFile), 'utf8'), String(second.port));
    } finally {
      await second.close();
    }
  });
});
