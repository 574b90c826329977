import { z } from 'zod';
import { ImageReference } from './image-reference.ts';
import { ServiceName } from './names.ts';

/**
 * A value that only the secrets component can tell. `ref` is where it stands (`web/service.toml#/env/TOKEN`);
 * `fingerprint` (`<key id>:<HMAC-SHA-256>`) changes with the value and tells nothing about it.
 */
export const SecretRef = z.object({ ref: z.string(), fingerprint: z.string() }).meta({ id: 'SecretRef' });
export type SecretRef = z.infer<typeof SecretRef>;

/** Text that a template may have filled from a variable. */
export const SecretableText = z.union([z.string(), SecretRef]);
export type SecretableText = z.infer<typeof SecretableText>;

/** In the spelling of Compose. */
export const RestartPolicy = z.enum(['no', 'always', 'on-failure', 'unless-stopped']);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** `[depends_on]`: what must be true of the other service. */
export const DependencyCondition = z.enum(['started', 'completed', 'healthy']);
export type DependencyCondition = z.infer<typeof DependencyCondition>;

const Port = z.int().min(1).max(65_535);

/** `[[gate]]`: a question that must be answered with yes before a new release gets traffic. Durations as Compose writes them. */
export const GateSpec = z
  .object({
    type: z.enum(['http', 'tcp']),
    /** Container-side port; default: the proxied port, else the image's single EXPOSE. */
    port: Port.optional(),
    /** `http` only; default `/`. Status 200–399 is a yes. */
    path: z.string().startsWith('/').optional(),
    /** Between two attempts; default: quickly at first, then every second. */
    interval: z.string().optional(),
    /** For one attempt; default `5s`. */
    timeout: z.string().optional(),
    /** For the whole gate, from the start of the container; default `60s`. */
    healthy_deadline: z.string().optional(),
  })
  .meta({ id: 'GateSpec' });
export type GateSpec = z.infer<typeof GateSpec>;

/** `[service.healthcheck]` as Compose has it; `test` is normalised to the array form. Durations as Compose writes them. */
export const HealthcheckSpec = z
  .object({
    /** `["CMD", …]`, `["CMD-SHELL", text]` or `["NONE"]`, which switches the image's own check off; absent: the image's. */
    test: z.array(SecretableText).min(1).optional(),
    interval: z.string().optional(),
    timeout: z.string().optional(),
    retries: z.int().min(1).optional(),
    start_period: z.string().optional(),
    start_interval: z.string().optional(),
  })
  .meta({ id: 'HealthcheckSpec' });
export type HealthcheckSpec = z.infer<typeof HealthcheckSpec>;

/** One entry of `gpus` as Compose has it; `gpus = "all"` is `[{ count: -1 }]`. */
export const GpuRequest = z.object({
  driver: z.string().optional(),
  /** -1: all. */
  count: z.int().min(-1).optional(),
  device_ids: z.array(z.string()).optional(),
  capabilities: z.array(z.string()).optional(),
  options: z.record(z.string(), z.string()).optional(),
});
export type GpuRequest = z.infer<typeof GpuRequest>;

/** `[service]`: what the container is made of. Words and types of the Compose specification, in its shortest normal form. */
export const ServiceTable = z.object({
  name: ServiceName,
  image: ImageReference,
  command: z.array(SecretableText).optional(),
  entrypoint: z.array(SecretableText).optional(),
  working_dir: z.string().optional(),
  user: z.string().optional(),
  hostname: z.string().optional(),
  memory: z.string().optional(),
  cpus: z.string().optional(),
  restart: RestartPolicy.optional(),
  labels: z.record(z.string(), SecretableText).optional(),
  healthcheck: HealthcheckSpec.optional(),
  /** Between the stop signal and SIGKILL; default `10s`. */
  stop_grace_period: z.string().optional(),
  /** `SIGQUIT`, `SIGRTMIN+3`; default: the image's, else SIGTERM. */
  stop_signal: z.string().optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  privileged: z.boolean().optional(),
  /** `/run` or `/run:size=64m,mode=1777`. */
  tmpfs: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  ulimits: z.record(z.string(), z.object({ soft: z.int(), hard: z.int() })).optional(),
  /** An amount as `memory` has it. */
  shm_size: z.string().optional(),
  dns: z.array(z.string()).optional(),
  sysctls: z.record(z.string(), z.string()).optional(),
  /** `/dev/sda:/dev/xvda:rwm`: on the host, in the container, what it may do. */
  devices: z.array(z.string()).optional(),
  gpus: z.array(GpuRequest).optional(),
  logging: z.object({ driver: z.string().optional(), options: z.record(z.string(), SecretableText).optional() }).optional(),
  /** `name:address`, or `name:host-gateway`. */
  extra_hosts: z.array(z.string()).optional(),
  /** Containers that run at the same time; default 1. */
  replicas: z.int().min(1).max(100).optional(),
  /** `recreate` stops the old release before the new one starts; default `rolling`, which overlaps. */
  strategy: z.enum(['rolling', 'recreate']).optional(),
});
export type ServiceTable = z.infer<typeof ServiceTable>;

/** `[dispenser]`: when Kedge acts. Outside the release: a change here replaces no container. */
export const BehaviourTable = z.object({
  watch: z.boolean(),
  initialize: z.enum(['immediately', 'on-trigger']).optional(),
  cron: z.string().optional(),
  pull: z.enum(['always', 'on-startup']).optional(),
});
export type BehaviourTable = z.infer<typeof BehaviourTable>;

/** `[proxy]`: where requests for the service come from. Outside the release, but applied together with it. */
export const ProxyTable = z.object({
  /** A name, an address, `*.example.com` for every name with one more label, or `*` for every host that nobody else has. */
  host: z.string().min(1),
  /** All of them, where there are several; the first is `host`. */
  hosts: z.array(z.string().min(1)).optional(),
  path: z.string().optional(),
  service_port: Port,
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
});
export type ProxyTable = z.infer<typeof ProxyTable>;

const HeaderTable = z.object({ set: z.record(z.string(), z.string()).optional(), remove: z.array(z.string()).optional() });

/** `[proxy]` with rules for the requests of its routes, in the words of `service.toml`. */
export const RuledProxyTable = ProxyTable.extend({
  /** Hosts whose requests are sent to the first of the route's own; how, says `redirect`. */
  redirect_from: z.array(z.string().min(1)).optional(),
  redirect: z.enum(['permanent', 'temporary']).optional(),
  allow: z.array(z.string()).optional(),
  /** An amount as `memory` has it. */
  max_body: z.string().optional(),
  /** Names, and hashes of passwords. */
  basic_auth: z.record(z.string(), SecretRef).optional(),
  rate_limit: z.object({ requests: z.int(), window: z.string() }).optional(),
  maintenance: z.boolean().optional(),
  maintenance_status: z.int().optional(),
  maintenance_page: z.string().optional(),
  pause: z.boolean().optional(),
  /** As Compose writes durations. */
  pause_timeout: z.string().optional(),
  pause_limit: z.int().optional(),
  strip_prefix: z.boolean().optional(),
  rewrite: z.string().optional(),
  /** How its containers are spoken to at `service_port`. */
  service_scheme: z.enum(['http', 'h2c', 'https']).optional(),
  /** False: with `https`, any certificate will do. */
  service_tls_verify: z.boolean().optional(),
  request_headers: HeaderTable.optional(),
  response_headers: HeaderTable.optional(),
});
export type RuledProxyTable = z.infer<typeof RuledProxyTable>;

/** Keys of `[proxy]` that say how requests are spread over containers. Durations as Compose writes them. */
export const BalancingTable = z.object({
  balance: z.enum(['round-robin', 'least-requests', 'hash']).optional(),
  hash_by: z.string().optional(),
  sticky: z.object({ cookie: z.string().optional() }).optional(),
  eject: z
    .object({ failures: z.int().optional(), base: z.string().optional(), max: z.string().optional(), panic: z.number().optional() })
    .optional(),
  retry: z.object({ attempts: z.int().optional(), statuses: z.array(z.int()).optional(), budget: z.number().optional() }).optional(),
  check: z
    .object({
      path: z.string().optional(),
      host: z.string().optional(),
      interval: z.string().optional(),
      timeout: z.string().optional(),
      failures: z.int().optional(),
      successes: z.int().optional(),
    })
    .optional(),
  limit: z.object({ concurrent: z.int(), queue: z.int().optional(), queue_timeout: z.string().optional() }).optional(),
});
export type BalancingTable = z.infer<typeof BalancingTable>;

/**
 * What the user declared for one service, after rendering and **without defaults**: absent keys stay absent, so that
 * a new default in Kedge rolls nothing. Names are those of `service.toml`; enum spellings are normalised.
 */
export const ServiceSpec = z
  .object({
    service: ServiceTable,
    port: z
      .array(z.object({ host: Port, container: Port, protocol: z.enum(['tcp', 'udp']).optional(), host_ip: z.string().optional() }))
      .optional(),
    /**
     * `[[port]]` with `via = "proxy"`: the proxy listens there in the place of the container. The name of its own is for components that do not
     * know it: they would publish the port. Outside the release, but applied together with it.
     */
    proxied_port: z
      .array(
        z.object({
          host: Port,
          container: Port,
          protocol: z.literal('udp').optional(),
          host_ip: z.string().optional(),
          /** Whose certificate the proxy shows to clients, which speak TLS. */
          tls_host: z.string().optional(),
          /** As Compose writes durations. */
          idle_timeout: z.string().optional(),
          proxy_protocol: z.enum(['v1', 'v2']).optional(),
        }),
      )
      .optional(),
    volume: z
      .array(
        z.object({
          /**
           * Absolute host path, name of a volume (no `/`), or a path relative to the configuration folder (`./web/data`):
           * the reconciler makes the last one absolute with the place where that folder lies on the host.
           */
          source: z.string().min(1),
          target: z.string().startsWith('/'),
          readonly: z.boolean().optional(),
        }),
      )
      .optional(),
    env: z.record(z.string(), SecretableText).optional(),
    network: z.array(z.object({ name: z.string().min(1) })).optional(),
    /** `ipv4`, as the grammar calls it, holds an address of either family, or `host-gateway`. */
    extra_host: z.array(z.object({ hostname: z.string().min(1), ipv4: z.string().min(1) })).optional(),
    dispenser: BehaviourTable,
    depends_on: z.record(z.string(), DependencyCondition).optional(),
    proxy: ProxyTable.optional(),
    /**
     * In the place of `proxy` where there are rules. The name of its own is for components that know no rules: to them the service has no
     * route, which is better than one without its rules.
     */
    ruled_proxy: RuledProxyTable.optional(),
    /** Of `[proxy]`, whether there are rules or not: who does not know it spreads requests evenly. */
    balancing: BalancingTable.optional(),
    gate: z.array(GateSpec).optional(),
    /** How long an old container may finish its requests after the switch, and its internal callers may learn of the new ones. */
    drain: z.object({ timeout: z.string().optional(), dns_settle: z.string().optional() }).optional(),
  })
  .meta({ id: 'ServiceSpec' });
export type ServiceSpec = z.infer<typeof ServiceSpec>;

/** `[proxy]` of a service, with or without rules; undefined when nothing leads to it. */
export function proxyOf({ proxy, ruled_proxy }: Pick<ServiceSpec, 'proxy' | 'ruled_proxy'>): RuledProxyTable | undefined {
  return ruled_proxy ?? proxy;
}

/** `[[network]]` of the main file. */
export const NetworkSpec = z
  .object({
    name: z.string().min(1),
    driver: z.enum(['bridge', 'host', 'overlay', 'macvlan', 'none']).optional(),
    external: z.boolean().optional(),
    internal: z.boolean().optional(),
    attachable: z.boolean().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'NetworkSpec' });
export type NetworkSpec = z.infer<typeof NetworkSpec>;

/** `[proxy]` of the main file. */
export const ProxySettings = z
  .object({
    enabled: z.boolean().optional(),
    strategy: z.enum(['https-only', 'http-only', 'both']).optional(),
    /** True: of everybody. */
    trust_forwarded_headers: z.boolean().optional(),
    /** Ranges of addresses of whom they are believed, where that is not everybody. */
    trusted_proxies: z.array(z.string()).optional(),
    /** Ranges of addresses of those that tell by the PROXY protocol for whom they connect. */
    proxy_protocol_from: z.array(z.string()).optional(),
    /** What targets are told beside `X-Forwarded-*`. */
    forwarded: z.boolean().optional(),
    request_id: z.boolean().optional(),
    traceparent: z.boolean().optional(),
    /** What of requests is written down. Words that a proxy does not know mean the same as none. */
    log: z
      .object({
        requests: z.string().optional(),
        /** Of requests that went well, from 0 to 1. */
        sample: z.number().optional(),
        query: z.string().optional(),
        /** Names of parameters whose values are masked, beside those that are usual for secrets. */
        mask: z.array(z.string()).optional(),
      })
      .optional(),
  })
  .meta({ id: 'ProxySettings' });
export type ProxySettings = z.infer<typeof ProxySettings>;
