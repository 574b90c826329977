import { ImageReference, ServiceName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { AbsolutePath, HostName, IpAddress, Ipv4, MountPoint, OwnHostName, RequestPath, RoutePath } from './address-forms.ts';
import { CommandWords, Cpus, CronExpression, Duration, Memory, Port, PositiveDuration, SecretText } from './leaf-forms.ts';
import { spelling } from './spelling.ts';

const replicasForm = 'must be a whole number from 1 to 100';
const nonEmpty = z.string().min(1, 'must not be empty');

const Service = z.strictObject({
  name: ServiceName,
  image: ImageReference,
  command: CommandWords.optional(),
  entrypoint: CommandWords.optional(),
  working_dir: AbsolutePath.optional(),
  user: z.string().optional(),
  hostname: OwnHostName.optional(),
  memory: Memory.optional(),
  cpus: Cpus.optional(),
  restart: spelling({ no: ['never'], always: [], 'on-failure': [], 'unless-stopped': [] }).optional(),
  stop_grace_period: Duration.optional(),
  replicas: z.int().min(1, replicasForm).max(100, replicasForm).optional(),
  strategy: spelling({ rolling: [], recreate: [] }).optional(),
});

const Behaviour = z.strictObject({
  watch: z.boolean(),
  initialize: spelling({ immediately: [], 'on-trigger': [] }).optional(),
  cron: CronExpression.optional(),
  pull: spelling({ always: [], 'on-startup': [] }).optional(),
});

const Route = z.strictObject({
  host: HostName,
  path: RoutePath.optional(),
  service_port: Port,
  cert_file: nonEmpty.optional(),
  key_file: nonEmpty.optional(),
});

const Gate = z.strictObject({
  type: spelling({ http: [], tcp: [] }),
  port: Port.optional(),
  path: RequestPath.optional(),
  interval: PositiveDuration.optional(),
  timeout: PositiveDuration.optional(),
  healthy_deadline: PositiveDuration.optional(),
});

const Condition = spelling({
  started: ['service-started'],
  completed: ['service-completed'],
  healthy: ['service-healthy'],
});

/** `service.toml`, as the user wrote it; the contract's `ServiceSpec` is made from it. */
export const ServiceFile = z.strictObject({
  service: Service,
  port: z
    .array(
      z.strictObject({
        host: Port,
        container: Port,
        protocol: spelling({ tcp: [], udp: [] }).optional(),
        host_ip: IpAddress.optional(),
      }),
    )
    .optional(),
  volume: z.array(z.strictObject({ source: nonEmpty, target: MountPoint, readonly: z.boolean().optional() })).optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/, 'the name of a variable is not empty and has no "="'), SecretText).optional(),
  network: z.array(z.strictObject({ name: nonEmpty })).optional(),
  extra_host: z.array(z.strictObject({ hostname: HostName, ipv4: Ipv4 })).optional(),
  /** Both names mean the same table; one of them is required. */
  dispenser: Behaviour.optional(),
  kedge: Behaviour.optional(),
  depends_on: z.record(z.string(), Condition).optional(),
  proxy: Route.optional(),
  gate: z.array(Gate).optional(),
  drain: z
    .strictObject({ timeout: Duration.optional(), dns_settle: Duration.optional() })
    .optional(),
});
export type ServiceFile = z.infer<typeof ServiceFile>;
