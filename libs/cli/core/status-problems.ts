import { type ServiceStatus, type StatusReply, shortDigest } from '@kedge/shared/contracts';

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
    ...ofConfiguration(status),
    ...ofProxies(status),
    ...ofForeign(status),
    ...status.services.flatMap(ofService),
  ];
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

function ofConfiguration({ config }: StatusReply): Attention[] {
  if (config.problem !== null) {
    return [
      {
        what: `configuration: ${config.problem}`,
        advice: '"kedge validate" shows where; "kedge apply" shows what a held revision would remove',
      },
    ];
  }
  return config.revision === null
    ? [{ what: 'no configuration is in force yet', advice: '"kedge validate" says what the watcher makes of the folder' }]
    : [];
}

function ofProxies({ proxies, services, bus }: StatusReply): Attention[] {
  // Nobody can write that it lives.
  if (bus) return [];
  const silent = proxies
    .filter(({ state }) => state === 'silent')
    .map(({ instance, heartbeatAt }) => ({
      what: `proxy ${instance} is silent`,
      since: heartbeatAt,
      advice: 'old containers stay until it answers or counts as lost; look at its log',
    }));
  const routes = services.flatMap((service) => service.routes);
  const isServed = routes.length === 0 || proxies.some(({ state }) => state === 'live');
  return isServed
    ? silent
    : [...silent, { what: `no proxy is live, so nobody serves ${routes.join(', ')}`, advice: '"docker compose up -d" starts it again' }];
}

function ofForeign({ foreign }: StatusReply): Attention[] {
  return foreign.map(({ service, container }) => ({
    what: `container ${container} has the name of service ${service} and is not Kedge's: left alone`,
    advice: `rename it or remove it ("docker rm -f ${container}"), and Kedge goes on`,
  }));
}

function ofService(service: ServiceStatus): Attention[] {
  return [...ofObstacle(service), ...ofRegistry(service), ...ofVerdicts(service)];
}

function ofObstacle({ service, waiting }: ServiceStatus): Attention[] {
  return waiting
    ? [{ what: `${service} waits: ${waiting.message} (${waiting.code})`, since: waiting.since, retryAt: waiting.retryAt }]
    : [];
}

/** An image that the engine has and no registry knows is declared so on purpose; one that nobody has is the obstacle itself. */
function ofRegistry({ service, registry, source, waiting }: ServiceStatus): Attention[] {
  if (!registry || waiting?.code === 'IMAGE_UNRESOLVED' || (registry.state === 'absent' && source === 'local')) return [];
  const { state, code, message, since } = registry;
  const what = `${service}: its registry ${state === 'absent' ? 'has no such image' : 'cannot be asked'}: ${message} (${code})`;
  const cure = state === 'absent' ? 'push it, or correct "image" in service.toml' : 'new images are not seen until it answers';
  return [{ what, ...(since === undefined ? {} : { since }), advice: `${cure}; "kedge check ${service}" asks it now` }];
}

function ofVerdicts({ service, phase, reason, barred }: ServiceStatus): Attention[] {
  // A verdict on what nobody wants any more is history.
  const judged = barred
    .filter(({ wanted }) => wanted !== false)
    .map(({ digest, message }) => ({
      what: `${service}: ${shortDigest(digest)} is barred: ${message}`,
      advice: `push a better image, or "kedge clear ${service}" to try this one again`,
    }));
  if (phase !== 'failed' || judged.length > 0) return judged;
  return [{ what: `${service} failed: ${reason}`, advice: `"kedge status ${service}" and "kedge logs ${service}" show its last lines` }];
}
