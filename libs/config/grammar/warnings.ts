import { posix } from 'node:path';
import { type ConfigProblem, parseImageReference } from '@kedge/shared/contracts';
import { parseCron } from '@kedge/shared/cron';
import { HostName } from './address-forms.ts';
import type { DeclaredService } from './declared-service.ts';
import type { MainPart } from './main-file.ts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { type Pointer, pointerText } from './toml-places.ts';

/** What a service may declare, and its owner should know about. */
export function warningsOf({ file, part }: Pick<DeclaredService, 'file' | 'part'>): ConfigProblem[] {
  const { service = {}, volume = [], network = [], proxy = {}, dispenser = part.kedge ?? {} } = part;
  const warn = (pointer: Pointer, message: string) => [problemAt(file, { pointer, message })];
  const cron = dispenser.cron === undefined ? null : parseCron(dispenser.cron, 'UTC');
  const table = file.places.has(pointerText(['kedge'])) ? 'kedge' : 'dispenser';
  return [
    ...(service.privileged ? warn(['service', 'privileged'], 'gives the container every right on the host') : []),
    ...(service.cap_add ?? []).flatMap((capability, index) => {
      const said = strongest[capability];
      return said === undefined ? [] : warn(['service', 'cap_add', index], said);
    }),
    ...volume.flatMap((each, index) => {
      const said = dangerOf(each?.source ?? '');
      return said === null ? [] : warn(['volume', index, 'source'], said);
    }),
    ...network.flatMap((each, index) => (each?.name === 'host' ? warn(['network', index, 'name'], hostNetwork) : [])),
    ...(proxy.cert_file !== undefined && proxy.key_file !== undefined ? warn(['proxy', 'cert_file'], noCertificates) : []),
    ...oddPath(proxy.path ?? '').flatMap((said) => warn(['proxy', 'path'], said)),
    ...(isBareAmount(service.shm_size) ? warn(['service', 'shm_size'], bareAmount) : []),
    ...(service.hostname && !HostName.safeParse(service.hostname).success ? warn(['service', 'hostname'], oddName) : []),
    ...(cron?.ok && cron.clock.warning !== null ? warn([table, 'cron'], cron.clock.warning) : []),
    ...(dispenser.cron !== undefined && startsAgain(service.restart) ? warn(['service', 'restart'], neverEnds) : []),
    ...(floats(part) ? warn(['service', 'image'], untagged) : []),
    ...(dispenser.cron !== undefined && dispenser.initialize === 'on-trigger' ? warningsOfJob({ file, part }) : []),
  ];
}

/** What is for services that stay, in one whose containers belong to its runs. */
function warningsOfJob({ file, part: { service = {}, proxy } }: Pick<DeclaredService, 'file' | 'part'>): ConfigProblem[] {
  return [
    ...((service.replicas ?? 1) > 1 ? [problemAt(file, { pointer: ['service', 'replicas'], message: oneContainer })] : []),
    ...(proxy === undefined ? [] : [problemAt(file, { pointer: ['proxy'], message: neverRouted, atKey: true })]),
  ];
}

/** What a service waits for, and another one never does. */
export function warningsOfDependencies(services: readonly Pick<DeclaredService, 'file' | 'spec'>[]): ConfigProblem[] {
  if (!services.some(({ spec }) => spec?.depends_on)) return [];
  const policies = new Map(services.map(({ spec }) => [String(spec?.service.name), spec?.service.restart]));
  return services.flatMap(({ file, spec }) =>
    Object.entries(spec?.depends_on ?? {}).flatMap(([name, condition]) => {
      const policy = policies.get(name);
      if (condition !== 'completed' || !startsAgain(policy)) return [];
      const message =
        'waits for the end of a service that is started again whenever it ends; wait for "started" or "healthy", or set restart = "no" or "on-failure" there';
      return [problemAt(file, { pointer: ['depends_on', name], message })];
    }),
  );
}

/** The engine starts its container again whatever it ended with. */
function startsAgain(policy: string | undefined): boolean {
  return policy === 'always' || policy === 'unless-stopped';
}

/** Rules that ask for the client's address, where anybody may say one. */
export function warningsOfClaims(services: readonly Pick<DeclaredService, 'file' | 'part'>[], { proxy }: MainPart): ConfigProblem[] {
  if (!trustsEverybody(proxy?.trust_forwarded_headers)) return [];
  return services.flatMap(({ file, part }) =>
    (['allow', 'rate_limit'] as const).flatMap((key) =>
      part.proxy?.[key] === undefined ? [] : [problemAt(file, { pointer: ['proxy', key], message: `${inVain[key]}: ${anyAddress}` })],
    ),
  );
}

function trustsEverybody(trusted: boolean | readonly string[] | undefined): boolean {
  return typeof trusted === 'object' ? trusted.some((range) => range.endsWith('/0')) : trusted === true;
}

/** What the main file declares for all. */
export function warningsOfNetworks({
  file,
  part: { network = [] },
}: {
  readonly file: TomlFile;
  readonly part: MainPart;
}): ConfigProblem[] {
  const warn = (pointer: Pointer, message: string) => [problemAt(file, { pointer, message })];
  return network.flatMap((each, index) => [
    ...(each?.driver === 'host' && each.external === true ? warn(['network', index, 'driver'], hostNetwork) : []),
    ...(each?.external !== true && (each?.labels?.[makerLabel] ?? maker) !== maker
      ? warn(['network', index, 'labels', makerLabel], makers)
      : []),
  ]);
}

/** Every network that is made here has it, so that people see who made it. */
const makerLabel = 'managed-by';
const maker = 'kedge';
const makers = 'is not applied: on networks that Kedge makes this label says "kedge"; take it out, or choose another name';

const hostNetwork = "is the host's own network: a container in it reaches whatever listens on 127.0.0.1 of the host";

const noCertificates =
  'is not used by this version, nor is key_file: HTTPS is served in the stack of "kedge dev" alone, with certificates of its own';

const inVain = { allow: 'keeps nobody out', rate_limit: 'holds nobody back' } as const;
const anyAddress =
  'with trust_forwarded_headers as the main file has it every client may claim any address; write the addresses of the proxies there that stand before this one, such as ["10.0.0.7"]';

/** What is allowed in the path of a route, and hardly meant. */
function oddPath(path: string): string[] {
  return [
    ...(path.includes('*') ? [noPattern] : []),
    ...(/\/\/+[^/]/.test(path) ? [emptyPart] : []),
    ...(/\/\/+$/.test(path) ? [manyAtEnd] : []),
    ...(/%(?![0-9a-f]{2})/i.test(path) ? [halfEncoded] : []),
  ];
}

/** Of `/dev/shm`, without a unit. The engine takes it, and the kernel rounds it up to a page. */
function isBareAmount(amount: string | undefined): boolean {
  return amount !== undefined && /^\d+$/.test(amount) && Number(amount) < leastPlausible;
}

const leastPlausible = 64 * 1024;

const bareAmount =
  'is an amount of bytes, for it has no unit, and hardly anything fits into so few; write the unit that is meant, such as "64m"';

const manyAtEnd = 'ends in more than one "/", and how many stand there is no matter: it is read as if there were none, and "//" as "/"';

const halfEncoded =
  'has a "%" without two hexadecimal digits behind it: paths are compared as they were sent, and clients send "%25" for a "%"';

const noPattern = 'has a "*", which stands for nothing but itself: "/api" alone is also for all that is below it';

const emptyPart = 'has an empty part ("//"), which clients keep: it is for requests that have it as well, and for no others';

const oddName = 'is no host name as programs know them (RFC 1123); the container has it all the same';

const untagged =
  'has no tag, which means "latest", while watch = false keeps the first image found: which one that is depends on the day; write a tag or a digest';

const inRuns = 'with cron and initialize = "on-trigger" this service runs when its schedule says so, or on "kedge deploy"';
const oneContainer = `is not used: ${inRuns}, and each run is one container`;
const neverRouted = `is not used: ${inRuns}, and nobody is sent to a run`;
const neverEnds =
  'is not for a service with cron: its container is started again whenever it ends, so no run ever ends, and the instants of the schedule are skipped meanwhile; write "no" or "on-failure"';

const strongest: Readonly<Record<string, string>> = {
  ALL: 'gives the container nearly every right on the host',
  SYS_ADMIN: 'is nearly as much as privileged = true',
  SYS_MODULE: 'lets the container load code into the kernel of the host',
  SYS_PTRACE: 'lets the container look into other processes',
};

const sockets = ['docker.sock', 'containerd.sock', 'podman.sock', 'crio.sock'];
/** Of the machine, or of one user. */
const socketFolder = /^(?:\/var)?\/run\/(?:docker|containerd|podman|crio|user\/\d+(?:\/(?:docker|containerd|podman))?)$/;
const folders = [
  '/etc',
  '/proc',
  '/sys',
  '/dev',
  '/boot',
  '/root',
  '/run',
  '/var/run',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/containers',
];

function dangerOf(source: string): string | null {
  if (/^~\//.test(source))
    return 'is a folder of that name beside service.toml: nobody has a home here; write the path out from "/", or "./~" if that is meant';
  if (!posix.isAbsolute(source)) return null;
  const path = posix.resolve(source);
  if (sockets.includes(posix.basename(path))) return 'is the socket of a container engine: who reaches it is root on the host';
  if (path === '/') return 'is the whole file system of the host';
  if (socketFolder.test(path))
    return 'is a folder in which a container engine has its socket: who reaches that is root on the host; mount the one thing that is needed from it';
  if (!folders.includes(path)) return null;
  return `is ${path} of the host, which the host itself depends on; mount the one thing that is needed from it`;
}

function floats({ service, kedge, dispenser = kedge }: ServicePart): boolean {
  if (service?.image === undefined || dispenser?.watch !== false) return false;
  const { tag, digest } = parseImageReference(service.image);
  return digest === null && tag === 'latest' && !service.image.endsWith(':latest');
}
