import { ImageReference, ServiceName } from '@kedge/shared/contracts';
import { z } from 'zod';
import { AbsolutePath, OwnHostName } from './address-forms.ts';
import { Devices } from './compose/devices.ts';
import { EnvFiles } from './compose/env-files.ts';
import { Tmpfs } from './compose/file-systems.ts';
import { Gpus } from './compose/gpus.ts';
import { Healthcheck } from './compose/healthcheck.ts';
import { Ulimits } from './compose/limits.ts';
import { Logging } from './compose/logging.ts';
import { Dns, ExtraHosts } from './compose/names.ts';
import { Capabilities, SecurityOptions } from './compose/privileges.ts';
import { StopSignal } from './compose/stop-signal.ts';
import { Sysctls } from './compose/sysctls.ts';
import { LabelMap } from './compose/text-maps.ts';
import { CommandWords, Cpus, Duration, Memory, Size } from './leaf-forms.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';
import { ContainerUser } from './user-form.ts';

/** Said together with what the other table that must be there needs: that is the smallest file. */
const smallest = 'is missing; write [service], and below it name = "web" and image = "nginx:1", each on a line of its own';

const replicasForm = 'must be a whole number from 1 to 100';
const none = { fallback: 'none' };
const images = { fallback: "the image's" };
const engines = { fallback: "the engine's" };

/** `[service]` as the user writes it. */
export const Service = z.strictObject(
  {
    name: told(formed(ServiceName, 'text'), 'of the service, its container and in DNS: 2 to 63 letters, digits, `_`, `.`, `-`; each once'),
    image: told(formed(ImageReference, 'text'), '`[registry/]repository[:tag][@sha256:digest]`; with a digest it never moves'),
    command: told(CommandWords, { description: 'one text is split as a shell does, and nothing else of a shell', ...images }).optional(),
    entrypoint: told(CommandWords, { description: 'as `command`', ...images }).optional(),
    working_dir: told(AbsolutePath, { description: 'begins with `/`', ...images }).optional(),
    user: told(ContainerUser, { description: 'name, `uid` or `uid:gid`', ...images }).optional(),
    hostname: told(OwnHostName, { description: 'up to 64 characters', ...engines }).optional(),
    env_file: told(EnvFiles, {
      description:
        'files with a name, `=` and a value per line, relative ones from the folder of this file on; the later wins, and `[env]` over all',
      ...none,
    }).optional(),
    memory: told(Memory, {
      description: '`512m`, `256mb`, `1.5g` or bytes; at least `6m`, or `0` for no limit',
      fallback: 'no limit',
    }).optional(),
    cpus: told(Cpus, { description: 'processors, from `0.01` on, or `0` for no limit', fallback: 'no limit' }).optional(),
    restart: told(spelling({ no: ['never'], always: [], 'on-failure': [], 'unless-stopped': [] }), {
      description: '`never` means `no`',
      default: 'no',
    }).optional(),
    stop_grace_period: told(Duration, { description: 'between the stop signal and SIGKILL', default: '10s' }).optional(),
    stop_signal: told(StopSignal, {
      description: '`SIGQUIT`, `SIGRTMIN+3` or a number',
      fallback: "the image's, else `SIGTERM`",
    }).optional(),
    healthcheck: told(Healthcheck, { description: 'how the engine finds out whether the container is healthy', ...images }).optional(),
    labels: told(LabelMap, { description: 'of the container; a value that a variable fills travels sealed', ...none }).optional(),
    init: told(z.boolean(), { description: 'a small process 1 that passes signals on and buries what ended', default: false }).optional(),
    read_only: told(z.boolean(), { description: 'the file system of the container cannot be written to', default: false }).optional(),
    tmpfs: told(Tmpfs, { description: '`/run`, or `/run:size=64m,mode=1777`: in memory, gone with the container', ...none }).optional(),
    shm_size: told(Size, { description: 'of `/dev/shm`', default: '64m' }).optional(),
    cap_add: told(Capabilities, { description: '`NET_ADMIN`, with or without `CAP_`; or `ALL`', ...none }).optional(),
    cap_drop: told(Capabilities, { description: 'as `cap_add`', ...none }).optional(),
    security_opt: told(SecurityOptions, {
      description: '`no-new-privileges`, `apparmor:…`, `seccomp:unconfined`, `label:…`',
      ...none,
    }).optional(),
    privileged: told(z.boolean(), { description: 'every right on the host, told as a warning', default: false }).optional(),
    devices: told(Devices, {
      description: '`/dev/sda:/dev/xvda:rwm`, `{ source, target, permissions }`, or by its CDI name: `nvidia.com/gpu=all`',
      ...none,
    }).optional(),
    gpus: told(Gpus, { description: '`"all"`, or `{ driver, count, device_ids, capabilities, options }`', ...none }).optional(),
    ulimits: told(Ulimits, {
      description: '`nofile = 65535`, or `nofile = { soft = 1024, hard = 65535 }`; `-1` is no limit',
      ...engines,
    }).optional(),
    sysctls: told(Sysctls, { description: '`"net.core.somaxconn" = 1024`, the name in quotes', ...none }).optional(),
    dns: told(Dns, { description: 'name servers that the container asks', ...engines }).optional(),
    extra_hosts: told(ExtraHosts, {
      description: 'lines of `/etc/hosts`: `db:10.0.0.7`, `db:::1`, `host:host-gateway`',
      ...none,
    }).optional(),
    logging: told(Logging, { description: 'where the engine puts what the container prints', ...engines }).optional(),
    replicas: told(formed(z.int().min(1, replicasForm).max(100, replicasForm), '1 to 100'), {
      description: 'containers at the same time; 1 with a published port',
      default: 1,
    }).optional(),
    strategy: told(spelling({ rolling: [], recreate: [] }), {
      description: '`recreate` stops the old release before the new one starts',
      default: 'rolling',
    }).optional(),
  },
  { error: ({ input }) => (input === undefined ? smallest : undefined) },
);
