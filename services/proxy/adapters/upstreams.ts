import type { ProxyConfig } from '../config.ts';
import { tlsTerms } from '../core/dial.ts';
import type { UpstreamClient } from '../ports.ts';
import { createH2cClient } from './h2c-client.ts';
import { createUpstreamByScheme } from './upstream-by-scheme.ts';
import { createUpstreamClient } from './upstream-client.ts';

/** All ways to targets, as the settings want them. */
export function createUpstreams(config: ProxyConfig): UpstreamClient {
  const settings = {
    connectTimeoutMs: config.KEDGE_CONNECT_TIMEOUT,
    answerTimeoutMs: config.KEDGE_ANSWER_TIMEOUT,
    idleMs: config.KEDGE_UPSTREAM_IDLE,
    connections: config.KEDGE_UPSTREAM_CONNECTIONS,
    queue: config.KEDGE_UPSTREAM_QUEUE,
  };
  return createUpstreamByScheme({
    http: createUpstreamClient(settings),
    h2c: createH2cClient(settings),
    https: createUpstreamClient(settings, tlsTerms('https')),
    'https-unverified': createUpstreamClient(settings, tlsTerms('https-unverified')),
  });
}
