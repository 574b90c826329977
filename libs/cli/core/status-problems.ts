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

function ofProxies({ proxies, services }: StatusReply): Attention[] {
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

function ofService({ service, phase, reason, waiting, barred }: ServiceStatus): Attention[] {
  const obstacle = waiting
    ? [{ what: `${service} waits: ${waiting.message} (${waiting.code})`, since: waiting.since, retryAt: waiting.retryAt }]
    : [];
  const judged = barred.map(({ digest, message }) => ({
    what: `${service}: ${shortDigest(digest)} is barred: ${message}`,
    advice: `push a better image, or "kedge clear ${service}" to try this one again`,
  }));
  const failed =
    phase === 'failed' && judged.length === 0
      ? [{ what: `${service} failed: ${reason}`, advice: `"kedge logs ${service}" shows its last lines` }]
      : [];
  return [...obstacle, ...failed, ...judged];
}
