import { type Bus, type Handled, owe, writeThenSay } from '@kedge/shared/bus';
import {
  type CloudEvent,
  type DataOf,
  type DeployRequested,
  type JobDue,
  type NodeRequested,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import { createWatcherQuestions } from './ask-watcher.ts';
import { isTriggeredJob } from './core/decide-rollout.ts';
import { lateAfterMs } from './core/plan-run.ts';
import { createDeclaredFinder } from './find-declared.ts';
import { createStrangerFinder } from './find-strangers.ts';
import type { Memory } from './memory.ts';
import type { NodeState } from './node-state.ts';
import { createRequestNotes } from './note-request.ts';
import type { Clock, ContainerEngine } from './ports.ts';
import type { RunAdvancer } from './run-job.ts';
import { createShortMemory } from './short-memory.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

interface HonourPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly nodeState: NodeState;
  readonly log: Logger;
  readonly runs: RunAdvancer;
  readonly wake: (service: ServiceName) => void;
  readonly wakeAll: () => void;
}

type ReconcilerCommand = 'deploy.requested' | 'gate.answered' | 'job.due' | 'node.requested';
/** A command is honoured once however often it is delivered: its effect is stored before it is acknowledged. `later`: deliver it again. */
export type HonourCommand = (command: {
  readonly subject: ReconcilerCommand;
  readonly event: CloudEvent<DataOf<ReconcilerCommand>>;
}) => Promise<Handled>;

/** A configuration that is being written is complete in a moment. */
const settlesAfterMs = 2_000;
/** Whoever asked for a deploy has gone by then. */
const settleWithinMs = 10 * 60_000;
/** A watcher that does not answer at once does in a moment, and other commands are taken meanwhile. */
const looksAfterMs = 1_000;

/** Stores the effect of a command; only then it counts as taken. A repeated delivery changes nothing. */
export function createHonour({ bus, stores, engine, clock, memory, nodeState, log, runs, wake, wakeAll }: HonourPorts): HonourCommand {
  const findDeclared = createDeclaredFinder({ bus, stores, nodeState });
  const findStrangers = createStrangerFinder({ bus, engine });
  const notes = createRequestNotes({ bus, stores, engine, clock });
  const watcher = createWatcherQuestions({ bus, log });
  const firstSeen = createShortMemory<number>();

  /** Counted from its first delivery: it may have been on its way for long, and the sender's clock may be another one. */
  function waitedMs({ id }: CloudEvent): number {
    const since = firstSeen.get(id) ?? clock.monotonicMs();
    firstSeen.note(id, since);
    return clock.monotonicMs() - since;
  }

  async function deploy(request: DeployRequested, event: CloudEvent): Promise<Handled> {
    const { service, action = 'deploy', reason = action } = request;
    const declared = await findDeclared(service);
    if (declared.kind === 'down') return { kind: 'rejected', reason: declared.reason };
    if (declared.kind === 'undeclared') return { kind: 'rejected', reason: `no service ${service} is declared` };
    if (declared.kind === 'unsettled') {
      return waitedMs(event) > settleWithinMs
        ? { kind: 'rejected', reason: `${declared.reason}, and that for too long` }
        : { kind: 'later', afterMs: settlesAfterMs };
    }
    const { spec } = declared;
    if (action === 'adopt') return await adopt(service, spec, event);
    // A repetition must not lift bars that were set after the first delivery.
    if (!(await notes.has(service, event.id))) {
      if (action === 'deploy' && !(await watcher.isSettled(event.id, service))) return { kind: 'later', afterMs: looksAfterMs };
      await clearBars(service, reason, event);
      const isNew = await notes.add({ service, spec, event, action });
      if (isNew && action === 'deploy') memory.requests.set(service, { actor: event.actor, causationid: event.id });
    }
    // Its own key makes it happen once, so a repetition makes up for a death between the note and the claim.
    if (action === 'deploy' && isTriggeredJob(spec)) await runs.claim({ service, instant: event.time, spec, isRequested: true });
    wake(service);
    return { kind: 'done' };
  }

  async function fire({ service, instant, missed }: JobDue): Promise<Handled> {
    const declared = await findDeclared(service);
    const isLate = missed !== undefined || clock.now().getTime() - Date.parse(instant) > lateAfterMs;
    if (declared.kind === 'unsettled' && !isLate) return { kind: 'later', afterMs: settlesAfterMs };
    const spec = declared.kind === 'declared' ? declared.spec : declared.kind === 'undeclared' ? null : declared.kind;
    await runs.claim({ service, instant, spec, missed });
    wake(service);
    return { kind: 'done' };
  }

  /** Only what stands in the way now was agreed to. */
  async function adopt(service: ServiceName, spec: ServiceSpec, event: CloudEvent): Promise<Handled> {
    const strangers = (await notes.has(service, event.id)) ? [] : await findStrangers([{ service, spec }]);
    if (strangers.length > 0) {
      const adopting = strangers.map(({ id, container, running }) => ({ container: id, name: container, wasRunning: running }));
      await notes.add({ service, spec, event, action: 'adopt', adopting });
      log.info({ service, actor: event.actor, containers: strangers.map(({ container }) => container) }, 'it may take the place of these');
    }
    wake(service);
    return { kind: 'done' };
  }

  async function decideNode(request: NodeRequested, event: CloudEvent): Promise<Handled> {
    const handled = await nodeState.honour(request, event);
    wakeAll();
    return handled;
  }

  async function clearBars(service: ServiceName, reason: string, { actor, id }: CloudEvent): Promise<void> {
    const key = serviceKey(bus.node, service);
    const bars = await stores.bars.get(key);
    if (!bars || bars.value.bars.length === 0) return;
    const releases = bars.value.bars.map(({ release }) => release);
    const owes = [owe('release.cleared', { releases, reason }, { service, now: clock.now(), actor, causationid: id })];
    if (!(await writeThenSay({ bus, bucket: stores.bars, key, previous: bars, value: { ...bars.value, bars: [], owes } })))
      throw worldMoved(key);
  }

  return async function honour({ subject, event }) {
    const data = event.data;
    switch (subject) {
      case 'deploy.requested':
        return 'service' in data && !('instant' in data) && !('answer' in data)
          ? await deploy(data, event)
          : { kind: 'rejected', reason: 'not a deploy request' };
      case 'job.due':
        return 'instant' in data ? await fire(data) : { kind: 'rejected', reason: 'not a firing' };
      case 'node.requested':
        if (!('action' in data) || 'service' in data) return { kind: 'rejected', reason: 'not a request for the node' };
        return await decideNode(data, event);
      case 'gate.answered':
        log.info({ event: event.id }, 'no gate waits for this answer');
        return { kind: 'done' };
      default:
        return subject satisfies never;
    }
  };
}
