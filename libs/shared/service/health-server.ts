import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import type { Registry } from 'prom-client';
import type { Closable } from '../kernel/index.ts';

interface HealthServerOptions {
  readonly host: string;
  /** 0, or a port that is taken, lets the system choose one. */
  readonly port: number;
  readonly metrics: Registry;
  /** True, or why not, for each part that must be ready. */
  readonly parts: () => Readonly<Record<string, boolean | string>>;
}

/** File that tells the container's health check the port: several instances may share one host's loopback. */
export const healthPortFile = 'kedge-health-port';

/** `GET /healthz` (the process answers), `/readyz` (every part is ready, else 503 and which is not) and `/metrics` (Prometheus text). */
export async function startHealthServer({
  host,
  port,
  metrics,
  parts,
}: HealthServerOptions): Promise<Closable & { readonly port: number }> {
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/healthz', () => ({ ok: true }));
  server.get('/readyz', async (_request, reply) => {
    const states = parts();
    const ok = Object.values(states).every((state) => state === true);
    return await reply.code(ok ? 200 : 503).send({ ok, parts: states });
  });
  server.get('/metrics', async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.metrics()));

  const isTaken = (thrown: NodeJS.ErrnoException) => thrown.code === 'EADDRINUSE';
  await server.listen({ host, port }).catch(async (thrown: NodeJS.ErrnoException) => {
    if (!isTaken(thrown)) throw thrown;
    await server.listen({ host, port: 0 });
  });
  const address = server.server.address();
  const chosen = typeof address === 'object' && address ? address.port : port;
  await tellPort(chosen);
  return {
    port: chosen,
    async close() {
      await server.close();
    },
  };
}

async function tellPort(port: number): Promise<void> {
  const path = join(tmpdir(), healthPortFile);
  await writeFile(`${path}.${process.pid}`, String(port));
  await rename(`${path}.${process.pid}`, path);
}
