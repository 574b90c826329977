import { proxyOf, type ServiceSpec } from '@kedge/shared/contracts';

/**
 * What a service is there for, as far as its declaration tells: a `job` ends and its schedule starts it again; somebody asks what `serves`;
 * of what `works` nobody asks anything, and it may be meant to end.
 */
export type Purpose = 'job' | 'serves' | 'works';

export function purposeOf(spec: ServiceSpec): Purpose {
  const { dispenser, service, port = [], proxied_port = [], gate = [] } = spec;
  if (dispenser.cron !== undefined) return 'job';
  const isChecked = service.healthcheck !== undefined && service.healthcheck.test?.[0] !== 'NONE';
  return proxyOf(spec) || port.length + proxied_port.length > 0 || gate.length > 0 || isChecked ? 'serves' : 'works';
}

/** Once per release, and not by a schedule. */
export function runsOnce({ service, dispenser }: ServiceSpec): boolean {
  return (service.restart ?? 'no') === 'no' && dispenser.cron === undefined;
}

/** It runs once, and nobody asks anything of it: its end is what it is there for. */
export function isMeantToEnd(spec: ServiceSpec): boolean {
  return runsOnce(spec) && purposeOf(spec) === 'works';
}

/** Nobody asks anything of it, and it may end well: what it is at work on is not begun twice without need. */
export function mayEnd(spec: ServiceSpec): boolean {
  const { restart = 'no' } = spec.service;
  return (restart === 'no' || restart === 'on-failure') && purposeOf(spec) === 'works';
}

/** A schedule or a person starts it: it does not come by itself. */
export function isStartedByOthers(spec: ServiceSpec): boolean {
  return purposeOf(spec) === 'job' || spec.dispenser.initialize === 'on-trigger';
}

/** Nothing runs beside it that takes its place: neither its own next release nor another service that gets its routes. */
export function runsBesideNothing({ service }: Pick<ServiceSpec, 'service'>): boolean {
  return service.strategy === 'recreate';
}
