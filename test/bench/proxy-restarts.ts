import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EndpointsEntry, ProxyRecord } from '@kedge/shared/contracts';
import { startTestBus, waitUntil } from '@kedge/shared/testing';
import { endpoints } from '../../services/proxy/testing/endpoints.ts';
import { freshLoad } from '../../services/proxy/testing/fresh-load.ts';
import { startHttpUpstream } from '../../services/proxy/testing/http-upstream.ts';
import { startProcess } from '../../services/proxy/testing/start-process.ts';

/**
 * Two proxies share a port; one of them is asked to end and started again, over and over, while clients make a connection for every request.
 * Prints what was lost, beside the same number of restarts in which the one that ends does not look whether the kernel still queues
 * connections for it: it is killed.
 */
const { values } = parseArgs({ options: { restarts: { type: 'string', default: '200' }, clients: { type: 'string', default: '4' } } });
const restarts = Number(values.restarts);
const clients = Number(values.clients);

const bus = await startTestBus();
const reconciler = await bus.connect('reconciler');
const records = reconciler.bucket('proxies', ProxyRecord);
const upstream = await startHttpUpstream((_request, response) => response.end('hello'));
const folder = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
await reconciler.bucket('endpoints', EndpointsEntry).create('local.web', endpoints('web', [{ id: 'c1', port: upstream.port }]));

async function start(instance: string, port: number) {
  const proxy = await startProcess({
    KEDGE_BUS_URL: bus.url,
    KEDGE_KEYS: bus.keysFolder('proxy'),
    KEDGE_STATE_DIR: folder,
    KEDGE_INSTANCE: instance,
    KEDGE_HTTP_PORT: String(port),
    KEDGE_LOG_LEVEL: 'info',
  });
  const serves = async () => 'web' in ((await records.get(`local.${instance}`))?.value.applied ?? {});
  await waitUntil(serves, { timeoutMs: 60_000 });
  return proxy;
}

async function measure(signal: 'SIGTERM' | 'SIGKILL', port: number): Promise<number> {
  const load = freshLoad(port, clients);
  for (let restart = 0; restart < restarts; restart += 1) {
    const leaving = await start(`${signal}-${restart}`, port);
    await leaving.end(signal);
    if (process.stderr.isTTY) process.stderr.write(`\r${signal} ${restart + 1}/${restarts}`);
  }
  const { answered, lost } = await load.stop();
  const of = (matches: (loss: (typeof lost)[number]) => boolean) => lost.filter(matches).length;
  const refused = of(({ reason }) => reason === 'ECONNREFUSED');
  const cutOff = of(({ begun }) => begun);
  console.log(
    `${signal}: ${restarts} restarts, ${answered} requests answered, ${lost.length} lost: ${refused} refused, ` +
      `${lost.length - refused - cutOff} reset before an answer, ${cutOff} within one`,
  );
  return lost.length / restarts;
}

const migration = await readFile('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').catch(() => 'unknown to this kernel');
console.log(`net.ipv4.tcp_migrate_req is ${migration.trim()}; ${clients} clients with a connection for each request`);
const staying = await start('staying', 0);
const graceful = await measure('SIGTERM', staying.port);
const killed = await measure('SIGKILL', staying.port);
console.log(
  `lost in a restart: ${graceful.toFixed(3)} of SIGTERM, ${killed.toFixed(3)} of SIGKILL, ratio ${(graceful / killed).toFixed(3)}`,
);

await staying.end('SIGTERM');
await upstream.close();
await reconciler.close();
await bus.close();
await rm(folder, { recursive: true });
