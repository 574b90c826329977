import { type GateSpec, proxyOf, type ServiceSpec, type VerdictReason } from '@kedge/shared/contracts';
import { parseDurationMs, TerminalError } from '@kedge/shared/kernel';
import type { ObservedContainer, ProbeAnswer } from '../ports.ts';

/** What is known about the fitness of a container. */
export type Verdict =
  /**
   * `startAgain`: it ended, and not by itself. `makeAnew`: this one tells nothing any more, another one of its release has to. `asBefore`: it
   * has to listen at this port, because what it replaces was seen to, and nobody noted that yet.
   */
  | {
      readonly kind: 'pending';
      readonly reason: string;
      readonly lookAfterMs: number;
      readonly startAgain?: true;
      readonly makeAnew?: true;
      readonly asBefore?: number;
    }
  | { readonly kind: 'passed'; readonly reason: string }
  | { readonly kind: 'failed'; readonly verdict: VerdictReason; readonly message: string };

/** A question that a container must answer before it gets traffic. Without an interval it is asked the less often the longer it takes. */
export type Gate =
  | {
      readonly kind: 'http';
      readonly port: number;
      readonly path: string;
      readonly timeoutMs: number;
      readonly intervalMs: number | null;
      readonly deadlineMs: number;
    }
  | {
      readonly kind: 'tcp';
      readonly port: number;
      readonly timeoutMs: number;
      readonly intervalMs: number | null;
      readonly deadlineMs: number;
    }
  /** The one port that the image names, and the declaration does not: a worker made of the image of a server never opens it. */
  | { readonly kind: 'exposed'; readonly port: number; readonly timeoutMs: number; readonly patienceMs: number }
  /** Docker's own health check, from the image or the declaration. */
  | { readonly kind: 'health'; readonly deadlineMs: number }
  /** Running, without restart, for a while. */
  | { readonly kind: 'running'; readonly minHealthyMs: number };

const defaultDeadline = '60s';
/** Docker's check ends by itself in healthy or unhealthy; this bounds one with a very long start period. */
const healthDeadlineMs = 5 * 60_000;
const minHealthyMs = 3_000;
/** Most servers listen by then. */
const exposedPatienceMs = 30_000;
const defaultTimeoutMs = 2_000;
/** What to declare for a program that never opens the port: a [[gate]] would ask a port, too. */
export const insteadOfExposed = 'a [service.healthcheck] with a short interval is asked instead';
/** A port that opens is found out quickly, in milliseconds; nobody pays for the question. */
export const quickLookMs = 100;

/** What the gates of a container depend on beside its declaration. */
export interface Askable {
  /** TCP ports of the image's EXPOSE. */
  readonly exposed: readonly number[];
  readonly health: ObservedContainer['health'];
}

/**
 * The declared gates; else Docker health where there is one, else the declared port that accepts, else the port that the image exposes or
 * running for longer, else running for a while.
 */
export function gatesOf(spec: ServiceSpec, { exposed, health }: Askable): readonly Gate[] {
  if (spec.gate && spec.gate.length > 0) return spec.gate.map((gate) => declaredGate(gate, declaredPort(spec) ?? onlyOne(exposed)));
  if (health !== 'none') return [{ kind: 'health', deadlineMs: Math.max(healthDeadlineMs, declaredCheckMs(spec)) }];
  const port = declaredPort(spec);
  if (port !== null) return [acceptsAt(port)];
  const only = onlyOne(exposed);
  return only === null
    ? [{ kind: 'running', minHealthyMs }]
    : [{ kind: 'exposed', port: only, timeoutMs: defaultTimeoutMs, patienceMs: exposedPatienceMs }];
}

/** The longest time in which a declared check may come to an end, with what the engine takes where nothing is declared. */
function declaredCheckMs({ service: { healthcheck } }: ServiceSpec): number {
  if (!healthcheck) return 0;
  const { interval = '30s', timeout = '30s', start_period = '0s', retries = 3 } = healthcheck;
  return parseDurationMs(start_period) + retries * (parseDurationMs(interval) + parseDurationMs(timeout));
}

/** The port of `[proxy]`, else the only one that is published or taken by the proxy. */
function declaredPort(spec: ServiceSpec): number | null {
  const { port = [], proxied_port = [] } = spec;
  const ofTcp = [...port, ...proxied_port].filter(({ protocol }) => protocol !== 'udp');
  return proxyOf(spec)?.service_port ?? onlyOne(ofTcp.map(({ container }) => container));
}

/** Somebody accepts connections there within the usual deadline. */
export function acceptsAt(port: number): Extract<Gate, { readonly kind: 'tcp' }> {
  return { kind: 'tcp', port, timeoutMs: defaultTimeoutMs, intervalMs: null, deadlineMs: parseDurationMs(defaultDeadline) };
}

function onlyOne(ports: readonly number[]): number | null {
  const [first, ...others] = new Set(ports);
  return others.length === 0 ? (first ?? null) : null;
}

function declaredGate(gate: GateSpec, fallbackPort: number | null): Gate {
  const port = gate.port ?? fallbackPort;
  if (port === null) {
    throw new TerminalError(
      'GATE_PORT_UNKNOWN',
      `a ${gate.type} gate does not know its port: set "port" in [[gate]], because the service has no [proxy], and neither [[port]] nor EXPOSE names a single one`,
    );
  }
  const times = {
    timeoutMs: parseDurationMs(gate.timeout ?? '5s'),
    intervalMs: gate.interval === undefined ? null : parseDurationMs(gate.interval),
    deadlineMs: parseDurationMs(gate.healthy_deadline ?? defaultDeadline),
  };
  return gate.type === 'http' ? { kind: 'http', port, path: gate.path ?? '/', ...times } : { kind: 'tcp', port, ...times };
}

interface GateFacts {
  readonly container: ObservedContainer;
  /** What the network said just now; null when it was not asked. */
  readonly answer: ProbeAnswer | null;
  readonly now: number;
}

/** The verdict of one gate on a running container. */
export function judgeGate(gate: Gate, { container, answer, now }: GateFacts): Verdict {
  const runningForMs = container.startedAt ? Math.max(0, now - container.startedAt.getTime()) : 0;
  switch (gate.kind) {
    case 'running':
      return runningForMs >= gate.minHealthyMs
        ? { kind: 'passed', reason: `it ran for ${gate.minHealthyMs} ms without a restart` }
        : { kind: 'pending', reason: 'it has to run for a while', lookAfterMs: gate.minHealthyMs - runningForMs };
    case 'exposed':
      if (answer?.ok) return { kind: 'passed', reason: answer.message };
      return runningForMs >= gate.patienceMs
        ? {
            kind: 'passed',
            reason: `it ran for ${gate.patienceMs / 1_000} s; nobody answers on port ${gate.port}, which only its image names`,
          }
        : {
            kind: 'pending',
            reason: `nobody answers yet on port ${gate.port}, which its image exposes (waited for up to ${gate.patienceMs / 1_000} s; ${insteadOfExposed})`,
            lookAfterMs: Math.min(sparingLookMs(runningForMs), gate.patienceMs - runningForMs),
          };
    case 'health':
      if (container.health === 'healthy') return { kind: 'passed', reason: 'its health check says healthy' };
      if (container.health === 'unhealthy') return { kind: 'failed', verdict: 'unhealthy', message: 'its health check says unhealthy' };
      return waitOrFail({ runningForMs, deadlineMs: gate.deadlineMs, lookAfterMs: 500, reason: 'its health check has not answered' });
    case 'http':
    case 'tcp':
      if (answer?.ok) return { kind: 'passed', reason: answer.message };
      return waitOrFail({
        runningForMs,
        deadlineMs: gate.deadlineMs,
        lookAfterMs: gate.intervalMs ?? sparingLookMs(runningForMs),
        reason: answer?.message ?? 'it was not asked yet',
      });
    default:
      return gate satisfies never;
  }
}

interface AsBefore extends GateFacts {
  /** Nobody noted yet that the release before listens there. */
  readonly isToNote: boolean;
}

/** The verdict on a container that takes the place of one which listens at the port that both their images expose. */
export function judgeAsBefore(port: number, { isToNote, ...facts }: AsBefore): Verdict {
  const verdict = judgeGate(acceptsAt(port), facts);
  if (verdict.kind === 'pending') return isToNote ? { ...verdict, asBefore: port } : verdict;
  if (verdict.kind === 'passed') return verdict;
  const wayOut = 'where only one at a time listens, declare a [service.healthcheck] or strategy = "recreate"';
  return { ...verdict, message: `${verdict.message}; what it replaces answers on port ${port}, which its image exposes: ${wayOut}` };
}

/** Most programs are ready soon; whoever takes long is asked less often. */
function sparingLookMs(runningForMs: number): number {
  return Math.min(1_000, Math.max(quickLookMs, Math.round(runningForMs / 10)));
}

interface Waiting {
  readonly runningForMs: number;
  readonly deadlineMs: number;
  readonly lookAfterMs: number;
  readonly reason: string;
}

function waitOrFail({ runningForMs, deadlineMs, lookAfterMs, reason }: Waiting): Verdict {
  if (runningForMs < deadlineMs) return { kind: 'pending', reason, lookAfterMs };
  return { kind: 'failed', verdict: 'gate-failed', message: `it was not ready within ${Math.round(deadlineMs / 1_000)} s: ${reason}` };
}
