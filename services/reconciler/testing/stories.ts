import assert from 'node:assert/strict';
import { releaseName, ServiceSpec } from '@kedge/shared/contracts';
import type { Behaviour } from './simulated-container.ts';
import type { SimulatedProxy } from './simulated-proxies.ts';
import { digestOf, openSimulation, type Simulation } from './simulation.ts';

type Declared = Record<string, unknown> & { readonly service?: Record<string, unknown> };
export type Watched = Simulation & { readonly violations: string[] };

export const proxied = { proxy: { host: 'web.test', service_port: 80 } };
export const published = { port: [{ host: 8080, container: 80 }] };
export const drain = { timeout: '5s', dns_settle: '500ms' };
export const quickGate = { gate: [{ type: 'tcp', port: 80, interval: '500ms', healthy_deadline: '3s' }] };
export const twoProxies: readonly SimulatedProxy[] = [
  { instance: 'p1', applyAfterMs: 300, requestsLastMs: 1_500 },
  { instance: 'p2', applyAfterMs: 700, requestsLastMs: 0 },
];
export const crashing: Partial<Behaviour> = { readyAfterMs: null, endsAfterMs: 50, exitCode: 3 };
/** There is no such program in its image. */
export const missing: Partial<Behaviour> = { isMissing: true };
export const neverReady: Partial<Behaviour> = { readyAfterMs: null };

export function specOf({ service, ...rest }: Declared = {}): ServiceSpec {
  return ServiceSpec.parse({
    service: { name: 'web', image: 'app:latest', restart: 'always', stop_grace_period: '1s', ...service },
    dispenser: { watch: true },
    drain,
    ...rest,
  });
}

export async function open(behaviours: Record<string, Partial<Behaviour>> = {}, proxies: readonly SimulatedProxy[] = []): Promise<Watched> {
  const violations: string[] = [];
  const known = { v1: {}, v2: {}, v3: {}, ...behaviours };
  const simulation = await openSimulation({ behaviours: known, proxies, onViolation: (what) => violations.push(what) });
  return { ...simulation, violations };
}

/** A world in which v1 serves. */
export async function serving(
  spec: ServiceSpec,
  behaviours: Record<string, Partial<Behaviour>> = {},
  proxies: readonly SimulatedProxy[] = [],
): Promise<Watched> {
  const simulation = await open(behaviours, proxies);
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  await assertServes(simulation, spec, 'v1');
  return simulation;
}

/** Asserts that exactly this release runs, is named and routed, and that nothing is left over or owed. */
export async function assertServes(simulation: Watched, spec: ServiceSpec, version: string): Promise<void> {
  const release = releaseName(spec, digestOf(version));
  const all = simulation.engine.all();
  const one = { release, state: 'running', hasAlias: true };
  assert.deepEqual(
    all.map(({ kedge, state, hasAlias }) => ({ release: kedge?.release, state, hasAlias })),
    Array.from({ length: spec.service.replicas ?? 1 }, () => one),
  );
  assert.ok(
    all.every((each) => simulation.engine.isFit(each)),
    'nothing is left frozen or cut off',
  );
  assert.equal(all.filter(({ name }) => name === 'web').length, 1);
  const record = await simulation.record();
  assert.equal(record?.serving?.release, release);
  assert.deepEqual(
    { rollout: record?.rollout, waiting: record?.waiting, owes: record?.owes },
    { rollout: null, waiting: undefined, owes: undefined },
  );
  const entry = await simulation.endpoints();
  const targets = entry?.targets.map(({ id, state, address }) => `${id} ${state} ${address}`).toSorted();
  const isLedTo = spec.proxy !== undefined || spec.proxied_port !== undefined;
  assert.deepEqual(targets, isLedTo ? all.map(({ id, address }) => `${id} ready ${address}`).toSorted() : undefined);
  assert.deepEqual(
    { routes: entry?.routes, hold: entry?.hold, owes: entry?.owes },
    { routes: spec.proxy ? [{ host: 'web.test', path: '/' }] : isLedTo ? [] : undefined, hold: undefined, owes: undefined },
  );
  assert.deepEqual(simulation.violations, []);
}

export function said(simulation: Simulation, ...subjects: readonly string[]): number[] {
  return subjects.map((subject) => simulation.events.filter(({ type }) => type === `${subject}.v1`).length);
}

export const ends = ['deploy.started', 'deploy.succeeded', 'deploy.failed', 'release.barred'] as const;
