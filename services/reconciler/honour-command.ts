import { type Bus, type Handled, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import {
  type CloudEvent,
  type DataOf,
  type DeployRequested,
  manifestKey,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { isTriggeredJob } from './core/decide-rollout.ts';
import { isUp } from './core/sort-containers.ts';
import type { Memory } from './memory.ts';
import type { Clock, ContainerEngine } from './ports.ts';
import type { RunAdvancer } from './run-job.ts';
import type { Stores } from './stores.ts';
import { emptyRecord, worldMoved } from './write-record.ts';

interface HonourPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly log: Logger;
  readonly runs: RunAdvancer;
  readonly wake: (service: ServiceName) => void;
}

/** A pass over the same service may write its record at the same time. */
const maxAttempts = 5;

type ReconcilerCommand = 'deploy.requested' | 'gate.answered' | 'job.due';
export type HonourCommand = (command: {
  readonly subject: ReconcilerCommand;
  readonly event: CloudEvent<DataOf<ReconcilerCommand>>;
}) => Promise<Handled>;

/** Stores the effect of a command; only then it counts as taken. A repeated delivery changes nothing. */
export function createHonour({ bus, stores, engine, clock, memory, log, runs, wake }: HonourPorts): HonourCommand {
  /** The spec in force; null when the service is not declared. */
  async function declared(service: ServiceName): Promise<ServiceSpec | null> {
    const [manifest, entry] = await Promise.all([
      stores.manifests.get(manifestKey(bus.node)),
      stores.services.get(serviceKey(bus.node, service)),
    ]);
    const hash = manifest?.value.services[service];
    return hash !== undefined && entry?.value.hash === hash ? entry.value.spec : null;
  }

  async function deploy({ service, action, reason }: DeployRequested, event: CloudEvent): Promise<Handled> {
    const spec = await declared(service);
    if (!spec) return { kind: 'rejected', reason: `no service ${service} is declared` };
    // A repetition must not lift bars that were set after the first delivery.
    if ((await stores.releases.get(serviceKey(bus.node, service)))?.value.honoured === event.id) return { kind: 'done' };
    const asked = action !== 'clear';
    await clearBars(service, reason ?? action ?? 'deploy', event);
    if (asked) await askWatcher(service);
    if (!(await noteRequest(service, event.id))) return { kind: 'done' };
    if (asked) memory.requests.set(service, { actor: event.actor, causationid: event.id });
    if (asked && isTriggeredJob(spec)) await runs.claim({ service, instant: event.time, spec });
    wake(service);
    return { kind: 'done' };
  }

  /** Makes the next pass decide anew; false when this very request was noted before. */
  async function noteRequest(service: ServiceName, id: string): Promise<boolean> {
    const key = serviceKey(bus.node, service);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const stored = await stores.releases.get(key);
      if (stored?.value.honoured === id) return false;
      const record = stored && (await sayOwed(bus, stores.releases, stored));
      const { pinned: _pinned, waiting, last, ...kept } = record?.value ?? emptyRecord(bus.node, service);
      // What ended by itself and runs once per release runs again when somebody asks.
      const isOver = kept.rollout === null && (await nothingRuns(service));
      const value = {
        ...kept,
        honoured: id,
        serving: isOver ? null : kept.serving,
        // What stands in the way is tried again now, and what ended until now belongs to an earlier attempt.
        ...(waiting ? { waiting: { ...waiting, retryAt: clock.now().toISOString(), failures: 0 } } : {}),
        ...(last && last.outcome !== 'failed' ? { last } : {}),
      };
      if (await writeThenSay(bus, stores.releases, key, record, value)) return true;
    }
    throw worldMoved(key);
  }

  async function clearBars(service: ServiceName, reason: string, { actor, id }: CloudEvent): Promise<void> {
    const key = serviceKey(bus.node, service);
    const bars = await stores.bars.get(key);
    if (!bars || bars.value.bars.length === 0) return;
    const releases = bars.value.bars.map(({ release }) => release);
    const owes = [owe('release.cleared', { releases, reason }, { service, now: clock.now(), actor, causationid: id })];
    if (!(await writeThenSay(bus, stores.bars, key, bars, { ...bars.value, bars: [], owes }))) throw worldMoved(key);
  }

  /** So that the newest image counts, not the one of the last look. A watcher that is away delays nothing. */
  async function askWatcher(service: ServiceName): Promise<void> {
    try {
      await bus.request('watcher.check', { service }, { timeoutMs: 10_000 });
    } catch (thrown) {
      log.warn({ service, reason: errorMessage(thrown) }, 'the watcher did not look before a requested deploy; what is known counts');
    }
  }

  async function nothingRuns(service: ServiceName): Promise<boolean> {
    const containers = (await engine.list(bus.node, [], { service })).filter(({ kedge }) => kedge?.service === service);
    return !containers.some(isUp);
  }

  return async function honour({ subject, event }) {
    const data = event.data;
    switch (subject) {
      case 'deploy.requested':
        return 'service' in data && !('instant' in data) ? await deploy(data, event) : { kind: 'rejected', reason: 'not a deploy request' };
      case 'job.due': {
        if (!('instant' in data)) return { kind: 'rejected', reason: 'not a firing' };
        const claimed = await runs.claim({ ...data, spec: await declared(data.service) });
        if (claimed) wake(data.service);
        return { kind: 'done' };
      }
      case 'gate.answered':
        log.info({ event: event.id }, 'no gate waits for this answer');
        return { kind: 'done' };
      default:
        return subject satisfies never;
    }
  };
}
