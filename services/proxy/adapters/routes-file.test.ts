import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createRoutesFile } from './routes-file.ts';

const route = (...targets: readonly number[]) =>
  `[[route]]\nhost = "web.test"\ntargets = [${targets.map((port) => `"127.0.0.1:${port}"`).join()}]\n`;

describe('a file of routes', () => {
  it('lets a target that it names no more drain for 30 s, also while nothing else changes', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-routes-'));
    t.after(async () => await rm(folder, { recursive: true }));
    const file = join(folder, 'routes.toml');
    let nowMs = 0;
    const { source } = createRoutesFile({ file, now: () => nowMs });
    const states = async () => {
      const { services } = await source.read();
      return [...services.values()].flatMap(({ entry }) => entry.targets.map(({ id, state }) => `${id} ${state}`));
    };
    await writeFile(file, route(1, 2));
    assert.deepEqual(await states(), ['127.0.0.1:1 ready', '127.0.0.1:2 ready']);
    await writeFile(file, route(1));
    nowMs = 1_000;
    assert.deepEqual(await states(), ['127.0.0.1:1 ready', '127.0.0.1:2 draining']);
    nowMs = 30_999;
    assert.deepEqual(await states(), ['127.0.0.1:1 ready', '127.0.0.1:2 draining']);
    nowMs = 31_000;
    assert.deepEqual(await states(), ['127.0.0.1:1 ready']);
  });
});
