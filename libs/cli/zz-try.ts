import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { startTestBus, waitUntil } from '@kedge/shared/testing';
import { startKedge } from './testing/run-process.ts';
import { serviceStatus, statusReply } from './testing/samples.ts';
const testBus = await startTestBus();
const run = (name: string, env: Record<string, string>) => spawn(process.execPath, [`services/${name}/main.ts`], { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env.PATH, KEDGE_BUS_URL: testBus.url, KEDGE_KEYS: testBus.keysFolder(name as 'watcher'), KEDGE_HEALTH_PORT: '0', KEDGE_LOG_LEVEL: 'warn', ...env } });
const secrets = run('secrets', { KEDGE_CONFIG_DIR: '/tmp/l-test/cfg', KEDGE_STATE_DIR: '/tmp/l-test/state', KEDGE_DOCKER_CONFIG: '/tmp/l-test/none' });
const watcher = run('watcher', { KEDGE_CONFIG_DIR: '/tmp/l-test/cfg' });
try {
  const reconciler = await testBus.connect('reconciler');
  reconciler.serve('status.services', async () => statusReply({ services: [serviceStatus()] }));
  reconciler.serve('deploy.plan', async () => ({ changes: [] }));
  const environment = { KEDGE_BUS_URL: testBus.url, KEDGE_KEYS: testBus.keysFolder('cli'), KEDGE_ACTOR: 'ann', KEDGE_CONFIG: '/nowhere' };
  const kedge = async (...words: string[]) => { const started = Date.now(); const each = startKedge(words, environment); const code = await each.ended; console.log(`$ kedge ${words.join(' ')} -> ${code} after ${Date.now() - started}\n${each.out()}${each.err()}`); return code; };
  await waitUntil(async () => (await kedge('validate')) === 0, { timeoutMs: 30_000 } as never);
  await kedge('reload');
  await writeFile('/tmp/l-test/cfg/web/service.toml', '[service]\nname = "web"\nimage = "localhost:1/hello:2"\nprivileged = true\n[kedge]\nwatch = false\n');
  await kedge('-s', 'reload');
  await kedge('reload', '--json');
  await kedge('-t');
  await writeFile('/tmp/l-test/cfg/web/service.toml', '[service]\nname = "web"\nimgae = "localhost:1/hello:2"\n[kedge]\nwatch = false\n');
  await kedge('reload');
  await writeFile('/tmp/l-test/cfg/kedge.toml', '');
  await kedge('reload');
  await kedge('apply', '--yes', '--no-wait');
} finally {
  secrets.kill(); watcher.kill(); await testBus.close();
}
