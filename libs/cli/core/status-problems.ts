import type { ConfigState, ServiceStatus, StatusReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import { barCure, barredWords, isOfConfiguration } from './bar-words.ts';
import { configurationState } from './configuration-state.ts';
import { obstacleWords } from './obstacle-words.ts';

/** Something that a person should look at, and what they can do about it. */
export interface Attention {
  readonly what: string;
  readonly advice?: string;
  /** When it is tried again by itself. */
  readonly retryAt?: string;
  readonly since?: string;
}

/** Everything in a status that needs attention, the widest first: the machine, then the configuration, the proxies, each service. */
export function attentionOf(status: StatusReply): Attention[] {
  return [
    ...ofEngine(status),
    ...ofBus(status),
    ...ofDown(status),
    ...ofConfiguration(status),
    ...ofProxies(status),
    ...ofForeign(status),
    ...ofNetworks(status),
    ...ofRegistries(status.services),
    ...status.services.flatMap((service) => ofService(service, status.services)),
  ];
}

function ofNetworks({ networks = [] }: StatusReply): Attention[] {
  return networks.map(({ name, code, message }) => {
    switch (code) {
      case 'NETWORK_MISSING':
        return { what: `${message} (${code})`, advice: 'or take it out of the main file, when no service needs it' };
      case 'NETWORK_IN_USE': {
        const advice = 'take those containers off it, or leave the network as it is declared now';
        return { what: `network ${name} stays as it is: ${message} (${code})`, advice };
      }
      default: {
        const advice = 'declare it otherwise, or mend the engine: it is tried again by itself';
        return { what: `network ${name} is not as declared: ${message} (${code})`, advice };
      }
    }
  });
}

function ofEngine({ engine }: StatusReply): Attention[] {
  return engine.reachable
    ? []
    : [
        {
          what: `the container engine does not answer: ${engine.message}`,
          advice: 'workloads keep running; Kedge changes nothing until it answers',
        },
      ];
}

function ofBus({ bus }: StatusReply): Attention[] {
  if (!bus) return [];
  const advice = 'what serves goes on, and Kedge changes nothing meanwhile; make room on the disk of its volume ("docker system df")';
  return [{ what: bus.problem, since: bus.since, advice }];
}

function ofDown({ down }: StatusReply): Attention[] {
  if (!down) return [];
  const { since, actor, reason } = down;
  const what = `everything was taken down${actor === undefined ? '' : ` by ${actor}`}${reason === undefined ? '' : `: ${reason}`}`;
  return [{ what, since, advice: '"kedge up" starts it again' }];
}

function ofConfiguration({ config }: StatusReply): Attention[] {
  if (config.problem !== null) {
    return [
      {
        what: `configuration: ${config.problem}`,
        advice: adviceOn[configurationState(config)],
      },
    ];
  }
  return config.revision === null ? [{ what: 'no configuration is in force yet', advice: adviceOn.unread }] : [];
}

const adviceOn: Readonly<Record<ConfigState, string>> = {
  'in-force': '"kedge validate" says what the watcher makes of the folder',
  unread: '"kedge validate" says what the watcher makes of the folder',
  rejected: '"kedge validate" shows everything that is wrong, and where',
  held: '"kedge apply" shows what it would remove, and asks',
};

function ofProxies({ proxies, services, bus, doors }: StatusReply): Attention[] {
  const routes = services.flatMap((service) => service.routes);
  if (doors?.enabled === false && routes.length > 0)
    return [{ what: `the proxy is switched off, so nobody serves ${nameList(routes)}`, advice: 'take "enabled = false" out of [proxy]' }];
  // Nobody can write that it lives.
  if (bus) return [];
  const silent = proxies
    .filter(({ state }) => state === 'silent')
    .map(({ instance, heartbeatAt }) => ({
      what: `proxy ${instance} is silent`,
      since: heartbeatAt,
      advice: 'old containers stay until it answers or counts as lost; look at its log',
    }));
  const isServed = routes.length === 0 || proxies.some(({ state }) => state === 'live');
  return isServed
    ? silent
    : [...silent, { what: `no proxy is live, so nobody serves ${nameList(routes)}`, advice: '"docker compose up -d" starts it again' }];
}

function ofForeign({ foreign }: StatusReply): Attention[] {
  return foreign.map(({ service, container }) => ({
    what: `container ${container} has the name of service ${service} and is not Kedge's: left alone`,
    advice: `"kedge apply --adopt ${service}" lets the service take its place; or rename it, or remove it ("docker rm -f ${container}")`,
  }));
}

function ofService(service: ServiceStatus, services: readonly ServiceStatus[]): Attention[] {
  return [...ofObstacle(service), ...ofVerdicts(service), ...ofRemoval(service, services)];
}

/** A start that failed is an obstacle and a verdict, and one line. */
function ofObstacle({ service, phase, waiting }: ServiceStatus): Attention[] {
  if (!waiting) return [];
  const { since, retryAt } = waiting;
  const hasFailed = phase === 'failed';
  const what = `${service} ${hasFailed ? 'failed' : 'waits'}: ${obstacleWords(waiting)}`;
  return [{ what, since, retryAt, ...(hasFailed ? { advice: lastLinesAdvice(service) } : {}) }];
}

/** What waits for a successor that comes by itself needs nobody. */
function ofRemoval({ service, handsOverTo }: ServiceStatus, services: readonly ServiceStatus[]): Attention[] {
  const heir = services.find((each) => each.service === handsOverTo?.service);
  if (!handsOverTo || !heir || !needsSomebody(heir)) return [];
  const cure =
    heir.phase === 'failed' || standing(heir).length > 0
      ? `push a better image for ${heir.service}`
      : `clear what stands in the way of ${heir.service}`;
  const advice = `${cure}, or give the old name back: declare ${service} again`;
  return [{ what: `${service} is declared no more and serves on: ${handsOverTo.reason}`, advice }];
}

function needsSomebody(service: ServiceStatus): boolean {
  return ofObstacle(service).length + ofVerdicts(service).length > 0;
}

/** What one registry says of several images is told once. */
function ofRegistries(services: readonly ServiceStatus[]): Attention[] {
  const told = new Map<string, { readonly registry: NonNullable<ServiceStatus['registry']>; readonly names: string[] }>();
  for (const service of services.filter(minds)) {
    const { registry, service: name } = service;
    if (!registry) continue;
    const key = JSON.stringify([registry.state, registry.code, registry.message]);
    told.set(key, { registry: earlier(told.get(key)?.registry, registry), names: [...(told.get(key)?.names ?? []), name] });
  }
  return [...told.values()].map(({ registry, names }) => ofRegistry(registry, names));
}

/** An image that the engine has and no registry knows is declared so on purpose; one that nobody has is the obstacle itself. */
function minds({ registry, source, waiting }: ServiceStatus): boolean {
  if (!registry || waiting?.code === 'IMAGE_UNRESOLVED') return false;
  const isObstacle = waiting?.code === registry.code && waiting.message === registry.message;
  return !isObstacle && !(registry.state === 'absent' && source === 'local');
}

function earlier<Told extends { readonly since?: string | undefined }>(one: Told | undefined, other: Told): Told {
  return one && (one.since ?? '') <= (other.since ?? '') ? one : other;
}

function ofRegistry({ state, code, message, since }: NonNullable<ServiceStatus['registry']>, names: readonly string[]): Attention {
  const who = `${nameList(names, 3)}: ${names.length === 1 ? 'its' : 'their'} registry`;
  const what = `${who} ${state === 'absent' ? 'has no such image' : 'cannot be asked'}: ${message} (${code})`;
  const cure = state === 'absent' ? 'push it, or correct "image" in service.toml' : 'new images are not seen until it answers';
  return { what, ...(since === undefined ? {} : { since }), advice: `${cure}; "kedge check ${names[0]}" asks it now` };
}

function ofVerdicts(status: ServiceStatus): Attention[] {
  const { service, phase, reason, waiting } = status;
  const judged = standing(status).map((bar) => ({
    what: `${service}: ${barredWords(bar, status)}`,
    advice: barCure({ ofConfiguration: isOfConfiguration(bar, status), service }),
  }));
  if (phase !== 'failed' || judged.length > 0 || waiting) return judged;
  return [{ what: `${service} failed: ${reason}`, advice: lastLinesAdvice(service) }];
}

/** A verdict on what nobody wants any more is history. */
function standing({ barred }: ServiceStatus): ServiceStatus['barred'] {
  return barred.filter(({ wanted }) => wanted !== false);
}

function lastLinesAdvice(service: string): string {
  return `"kedge status ${service}" and "kedge logs ${service}" show its last lines`;
}
