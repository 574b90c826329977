import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReleaseName, releaseName, ServiceSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import type { Behaviour } from './testing/simulated-engine.ts';
import { type CrashPoint, digestOf, openSimulation, type SimulatedProxy, type Simulation } from './testing/simulation.ts';

type Declared = Record<string, unknown> & { readonly service?: Record<string, unknown> };

const proxied = { proxy: { host: 'web.test', service_port: 80 } };
const drain = { timeout: '5s', dns_settle: '500ms', stop_grace_period: '1s' };

function specOf({ service, ...rest }: Declared = {}): ServiceSpec {
  return ServiceSpec.parse({
    service: { name: 'web', image: 'app:latest', restart: 'always', ...service },
    dispenser: { watch: true },
    drain,
    ...rest,
  });
}

async function open(
  behaviours: Record<string, Partial<Behaviour>> = {},
  proxies: readonly SimulatedProxy[] = [],
): Promise<Simulation & { readonly violations: string[] }> {
  const violations: string[] = [];
  const known = { v1: {}, v2: {}, v3: {}, ...behaviours };
  const simulation = await openSimulation({ behaviours: known, proxies, onViolation: (what) => violations.push(what) });
  return { ...simulation, violations };
}

/** Asserts that exactly this release runs, is named and routed, and that nothing is left over or owed. */
async function assertServes(simulation: Simulation, spec: ServiceSpec, version: string): Promise<void> {
  const release = releaseName(spec, digestOf(version));
  const replicas = spec.service.replicas ?? 1;
  const all = simulation.engine.all();
  assert.deepEqual(
    all.map(({ kedge, state, hasAlias }) => ({ release: kedge?.release, state, hasAlias })),
    Array.from({ length: replicas }, () => ({ release, state: 'running', hasAlias: true })),
  );
  assert.equal(all.filter(({ name }) => name === 'web').length, 1);
  const record = await simulation.record();
  assert.equal(record?.serving?.release, release);
  assert.equal(record?.rollout, null);
  assert.equal(record?.waiting, undefined);
  assert.equal(record?.owes, undefined);
  const entry = await simulation.endpoints();
  if (!spec.proxy) return assert.equal(entry, null);
  assert.deepEqual(
    entry?.targets.map(({ id, state, address }) => ({ id, state, address })).toSorted(byId),
    all.map(({ id, address }) => ({ id, state: 'ready', address })).toSorted(byId),
  );
  assert.deepEqual(entry?.routes, [{ host: 'web.test', path: '/' }]);
  assert.equal(entry?.hold, undefined);
  assert.equal(entry?.owes, undefined);
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}

function said(simulation: Simulation, subject: string): number {
  return simulation.events.filter(({ type }) => type === `${subject}.v1`).length;
}

describe('reconcile', () => {
  it('brings a declared service up, routes it and says so once', async () => {
    const simulation = await open();
    const spec = specOf(proxied);
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(
      [said(simulation, 'deploy.started'), said(simulation, 'deploy.succeeded'), said(simulation, 'deploy.failed')],
      [1, 1, 0],
    );
    assert.deepEqual(simulation.violations, []);
  });
});
