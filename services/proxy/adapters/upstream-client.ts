import { Buffer } from 'node:buffer';
import { serverName, type TlsTerms } from '../core/dial.ts';
import type { UpstreamClient, UpstreamRequest } from '../ports.ts';
import { createLoopLoad } from './loop-load.ts';
import { Exchange } from './upstream-exchange.ts';
import { type PoolSettings, UpstreamPool } from './upstream-pool.ts';

const readBufferBytes = 65_536;
const sweepEveryMs = 500;

/**
 * The lean HTTP/1.1 client, without TLS or with it: one pool per target (with TLS: and name, for which the connection holds), no objects per header,
 * one read buffer for all connections.
 */
export function createUpstreamClient(settings: PoolSettings, tls: TlsTerms | null = null): UpstreamClient {
  const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const load = createLoopLoad();
  const pools = new Map<string, UpstreamPool>();
  /** Pools of targets that left service, until their last request ended. */
  const retired = new Set<UpstreamPool>();
  const sweeper = setInterval(sweep, sweepEveryMs).unref();

  function poolOf({ target, headers }: UpstreamRequest): UpstreamPool {
    const key = tls ? `${target.id} ${serverName(headers)}` : target.id;
    const known = pools.get(key);
    if (known?.target.address === target.address && known.target.port === target.port) return known;
    if (known) retire(key, known);
    const pool = new UpstreamPool({ target, tls, settings, readBuffer, load });
    pools.set(key, pool);
    return pool;
  }

  function retire(key: string, pool: UpstreamPool): void {
    pools.delete(key);
    retired.add(pool);
    pool.retire();
  }

  function sweep(): void {
    const now = performance.now();
    for (const [key, pool] of pools) {
      pool.sweep(now);
      // Clients may think of many names.
      if (pool.size === 0) pools.delete(key);
    }
    for (const pool of retired) if (pool.size === 0) retired.delete(pool);
  }

  return {
    send(request, listener) {
      const exchange = new Exchange(request, listener);
      // Not within this call, so that the caller holds the exchange before it hears anything of it.
      queueMicrotask(() => poolOf(request).submit(exchange));
      return exchange;
    },
    keepOnly(targets) {
      for (const [key, pool] of [...pools]) if (!targets.has(pool.target.id)) retire(key, pool);
    },
    endBeyond(targets) {
      for (const pool of retired) if (!targets.has(pool.target.id)) pool.destroy();
    },
    connections() {
      let sum = 0;
      for (const pool of [...pools.values(), ...retired]) sum += pool.size;
      return sum;
    },
    async close() {
      clearInterval(sweeper);
      for (const pool of [...pools.values(), ...retired]) pool.destroy();
    },
  };
}
