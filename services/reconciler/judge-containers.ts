import { proxyOf, type ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { listeningStep } from './core/decide-rollout.ts';
import { type Gate, gatesOf, judgeAsBefore, judgeGate, type Verdict } from './core/gates.ts';
import { isOnHostNetwork } from './core/host-network.ts';
import { judgeState } from './core/judge-state.ts';
import { purposeOf } from './core/purpose.ts';
import { isReadyIn, isUp } from './core/sort-containers.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, GateProbe, ObservedContainer, ProbeAnswer } from './ports.ts';

interface JudgePorts {
  readonly engine: ContainerEngine;
  readonly probe: GateProbe;
  /** Since when the engine's events are heard without a gap, in milliseconds since the epoch. */
  readonly watchedSince: () => number;
}

interface JudgeRequest {
  readonly world: World;
  /** What the release was declared with. */
  readonly spec: ServiceSpec;
  readonly containers: readonly ObservedContainer[];
  readonly mode: 'rollout' | 'maintain' | 'restore';
  /** Containers that ended before belong to an earlier attempt. */
  readonly attemptFrom: number;
}

/** A verdict for each container by its id. Rejects with PORT_UNANSWERED when nobody listens on a port that is newly declared for what serves. */
export type JudgeContainers = (request: JudgeRequest) => Promise<ReadonlyMap<string, Verdict>>;

/** Finds out which containers of a release are fit, by their state and, where that does not tell, by asking their gates over the network. */
export function createJudge({ engine, probe, watchedSince }: JudgePorts): JudgeContainers {
  async function ask(gate: Gate, address: string): Promise<ProbeAnswer | null> {
    if (gate.kind === 'http') return await probe.http({ address, port: gate.port, path: gate.path, timeoutMs: gate.timeoutMs });
    if (gate.kind === 'tcp' || gate.kind === 'exposed') return await probe.tcp({ address, port: gate.port, timeoutMs: gate.timeoutMs });
    return null;
  }

  async function askGates(container: ObservedContainer, { spec, world, mode }: JudgeRequest): Promise<Verdict> {
    if (container.address === null) return { kind: 'pending', reason: 'it has no network', lookAfterMs: 1_000 };
    const exposed = (await engine.image(container.imageId))?.exposed ?? [];
    let last: Verdict = { kind: 'passed', reason: 'nothing was asked' };
    for (const gate of gatesOf(spec, { exposed, health: container.health })) {
      const answer = await ask(gate, container.address);
      const facts = { container, answer, now: world.now };
      last =
        gate.kind === 'exposed' && !answer?.ok && (await hasToListen(gate.port, world))
          ? judgeAsBefore(gate.port, { ...facts, isToNote: mode === 'rollout' && isToNote(world) })
          : judgeGate(gate, facts);
      if (last.kind !== 'passed') return last;
    }
    return last;
  }

  /** Whoever takes the place of a server has to be one, too. In a rollout, one answer of the server before holds until its end. */
  async function hasToListen(port: number, world: World): Promise<boolean> {
    if (isNoted(world)) return true;
    const { containers, record } = world;
    const serving = record?.value.serving?.release;
    const addresses = containers.flatMap((each) => (isUp(each) && each.kedge?.release === serving && each.address ? [each.address] : []));
    const answers = await Promise.all(addresses.map(async (address) => await probe.tcp({ address, port, timeoutMs: 2_000 })));
    return answers.some(({ ok }) => ok);
  }

  async function judge(container: ObservedContainer, request: JudgeRequest): Promise<Verdict> {
    const { spec, mode, attemptFrom, world } = request;
    if (!isUp(container) && mode !== 'maintain' && (container.startedAt?.getTime() ?? 0) < attemptFrom) {
      return { kind: 'pending', reason: 'it ended in an earlier attempt', lookAfterMs: 1_000 };
    }
    const byState = judgeState({
      container,
      policy: spec.service.restart ?? 'no',
      purpose: purposeOf(spec),
      strict: mode === 'rollout',
      watchedSince: watchedSince(),
      hasServed: hasServed(container, request),
      now: world.now,
    });
    if (byState) return byState;
    if (hasProven(container, request)) {
      await assertPortAnswers(container, request);
      return { kind: 'passed', reason: 'it serves already' };
    }
    return await askGates(container, request);
  }

  /** Another port is declared for what serves already: requests go there once somebody accepts them. */
  async function assertPortAnswers({ id, address }: ObservedContainer, { spec, world }: JudgeRequest): Promise<void> {
    const wanted = proxyOf(spec)?.service_port;
    const current = world.endpoints?.value.targets.find((target) => target.id === id)?.port;
    if (wanted === undefined || current === undefined || wanted === current || address === null) return;
    const answer = await probe.tcp({ address, port: wanted, timeoutMs: 2_000 });
    if (answer.ok) return;
    throw new RetryableError(
      'PORT_UNANSWERED',
      `nobody accepts connections at the declared service_port ${wanted} (${answer.message}); requests go to port ${current} as before`,
      { details: { port: wanted } },
    );
  }

  return async (request) => {
    const verdicts = await Promise.all(
      request.containers.map(async (container) => [container.id, await judge(container, request)] as const),
    );
    return new Map(verdicts);
  };
}

/** It got its route or its name after it had passed; asking again could only take away what serves. */
function hasProven(container: ObservedContainer, { spec, world, mode }: JudgeRequest): boolean {
  if (proxyOf(spec)) return isReadyIn(world.endpoints?.value ?? null, container.id);
  // Where the name is given before the start it proves nothing about a rollout, nor about what comes up again.
  const isKnown = mode !== 'rollout' && world.record?.value.comingUp === undefined;
  return container.hasAlias && (isKnown || (!isNamedForLife(spec) && !runsAnew(container, world)));
}

/** Made before the rollout, and started by it: its name is that of its run before. */
function runsAnew({ createdAt, startedAt }: ObservedContainer, { record }: World): boolean {
  const { startedAt: begun, switchedAt } = record?.value.rollout ?? {};
  if (begun === undefined || switchedAt !== undefined || startedAt === null) return false;
  return createdAt.getTime() < Date.parse(begun) && startedAt.getTime() >= Date.parse(begun);
}

/** It was fit at some time: requests or the name went to it for that, or the rollout switched when it was there. */
function hasServed(container: ObservedContainer, { spec, world }: JudgeRequest): boolean {
  const { service, endpoints, record } = world;
  if (isReadyIn(endpoints?.value ?? null, container.id) || container.name === service) return true;
  const switchedAt = record?.value.rollout?.switchedAt;
  if (switchedAt !== undefined && container.createdAt.getTime() < Date.parse(switchedAt)) return true;
  return container.namedOn.length > 0 && !isNamedForLife(spec);
}

/** What the rollout replaces was seen to listen. */
function isNoted({ record }: World): boolean {
  return record?.value.rollout?.step === listeningStep;
}

/** Once requests moved, another step is remembered. */
function isToNote(world: World): boolean {
  return !isNoted(world) && world.record?.value.rollout?.switchedAt === undefined;
}

/** Giving the name to a running container, or taking it away, closes its published ports for a moment; on the host's network there is none. */
export function isNamedForLife(spec: ServiceSpec): boolean {
  return (spec.port?.length ?? 0) > 0 || isOnHostNetwork(spec);
}
