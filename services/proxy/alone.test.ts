import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { waitUntil } from '@kedge/shared/testing';
import { ask } from './testing/http-client.ts';
import { deadPort, startHttpUpstream } from './testing/http-upstream.ts';
import { startProcess } from './testing/start-process.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const execute = promisify(execFile);
const patient = { timeoutMs: 60_000 };

async function upstreams(t: TestContext, ...names: readonly string[]): Promise<number[]> {
  const started = await Promise.all(names.map(async (name) => await startHttpUpstream((_request, response) => response.end(name))));
  t.after(async () => await Promise.all(started.map(async (each) => await each.close())));
  return started.map(({ port }) => port);
}

async function startAlone(t: TestContext, text: string) {
  const folder = await temporaryFolder();
  const file = join(folder, 'routes.toml');
  await writeFile(file, text);
  const proxy = await startProcess({ KEDGE_ROUTES: file, KEDGE_STATE_DIR: folder, KEDGE_KEYS: '/nowhere' });
  t.after(async () => await proxy.end('SIGKILL'));
  return { ...proxy, write: async (changed: string) => await writeFile(file, changed) };
}

const route = (port: number | undefined, more = '') => `[[route]]\nhost = "127.0.0.1"\ntargets = ["127.0.0.1:${port}"]\n${more}`;

describe('a proxy alone', () => {
  it('serves what a file says, as it is now; a wrong file changes nothing', async (t) => {
    const [one, other] = await upstreams(t, 'one', 'other');
    const proxy = await startAlone(t, route(one));
    const body = async () => (await ask({ port: proxy.port, host: '127.0.0.1' })).body;
    assert.equal(await body(), 'one');
    const ready = await fetch(`http://127.0.0.1:${proxy.healthPort}/readyz`);
    assert.equal(ready.status, 200, await ready.text());

    await proxy.write(route(other, 'max_boddy = "1m"\n'));
    await waitUntil(() => proxy.output().includes('max_body'), patient);
    assert.equal(await body(), 'one');
    assert.match(proxy.output(), /routes\.toml:4:1: .*max_boddy.*did you mean/);

    await proxy.write(route(other));
    await waitUntil(async () => (await body()) === 'other', patient);
    assert.equal(await proxy.end('SIGTERM'), 0);
  });

  it('asks for passwords whose hashes stand in the file, and takes connections on ports', async (t) => {
    const [one] = await upstreams(t, 'one');
    const taken = await deadPort();
    const hash = '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$';
    const ports = `[[port]]\nhost = ${taken}\ntargets = ["127.0.0.1:${one}"]\n`;
    const proxy = await startAlone(t, `${route(one, `basic_auth = { ann = "${hash}${'A'.repeat(43)}" }\n`)}${ports}`);
    assert.equal((await ask({ port: proxy.port, host: '127.0.0.1' })).status, 401);
    await waitUntil(() => proxy.output().includes('port opened'), patient);
    assert.equal((await ask({ port: taken })).body, 'one');
    assert.ok(!proxy.output().includes(hash));
  });

  it('answers a request that is under way when it is asked to end', async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const upstream = await startHttpUpstream((_request, response) => arrived.resolve(() => response.end('late')));
    t.after(async () => await upstream.close());
    const proxy = await startAlone(t, route(upstream.port));
    const asked = ask({ port: proxy.port, host: '127.0.0.1' });
    const answer = await arrived.promise;
    const ended = proxy.end('SIGTERM');
    await waitUntil(() => proxy.output().includes('"msg":"stopping"'), patient);
    answer();
    assert.equal((await asked).body, 'late');
    assert.equal(await ended, 0);
  });

  it('does not start with a file that it cannot use, and checks one without starting', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'routes.toml');
    const run = async (...args: readonly string[]) =>
      await execute(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
        env: { ...process.env, KEDGE_ROUTES: file, KEDGE_HEALTH_PORT: '0', KEDGE_HTTP_PORT: '0', KEDGE_STATE_DIR: folder },
      }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        (failed: { readonly code: number; readonly stdout: string }) => failed,
      );
    const misspelt = await run('--chek');
    assert.deepEqual([misspelt.code, misspelt.stdout], [2, '']);
    const missing = await run('--check');
    assert.deepEqual([missing.code, /KEDGE_ROUTES/.test(missing.stdout)], [1, true]);
    await writeFile(file, '[[route]]\nhost = "a"\n');
    const wrong = await run();
    assert.deepEqual([wrong.code, /routes\.toml:1:3: route\[0\]\.targets: is missing/.test(wrong.stdout)], [1, true]);
    await writeFile(file, route(1));
    assert.deepEqual(await run('--check'), { code: 0, stdout: 'the routes can be used: [[route]] 1, [[port]] 0\n' });
  });

  it('is shown in five lines, which work', async () => {
    const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');
    const [, block = ''] = /## Alone\n[^`]*```sh\n([^`]*)```/.exec(readme) ?? [];
    const lines = block.trim().split('\n');
    assert.ok(lines.length <= 5);
    const folder = await temporaryFolder();
    const [command = ''] = lines.slice(-1);
    assert.match(command, /^KEDGE_ROUTES=routes\.toml .*services\/proxy\/main\.ts$/);
    await execute('sh', ['-c', lines.slice(0, -1).join('\n')], { cwd: folder });
    const check = `${command.replace('node_modules/.bin/node', process.execPath).replace('services/proxy/main.ts', join(import.meta.dirname, 'main.ts'))} --check`;
    assert.match((await execute('sh', ['-c', check], { cwd: folder })).stdout, /\[\[route\]\] 1/);
  });
});
