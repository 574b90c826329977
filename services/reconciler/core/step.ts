import type { Balancing, EndpointPort, Route, Target, VerdictReason } from '@kedge/shared/contracts';

/** The routes and targets of a service as the proxies shall know them. */
export interface RouteTable {
  readonly routes: readonly Route[];
  /** Where proxies take connections for it; absent for none. */
  readonly ports?: readonly EndpointPort[];
  /** How requests are spread; absent: in turn. */
  readonly balancing?: Balancing;
  readonly targets: readonly Target[];
  readonly hold: boolean;
}

/** One thing to do, small enough that a crash before or after it leaves a world from which the next pass goes on. */
export type Step =
  | { readonly kind: 'pull' }
  | { readonly kind: 'create'; readonly slot: number; readonly name: string }
  | { readonly kind: 'start'; readonly id: string }
  /** Makes a container whole that lost its network or was frozen: with the address it was made with, and running. */
  | { readonly kind: 'reattach'; readonly id: string; readonly address: string; readonly alias: boolean; readonly reason: string }
  /** What the rollout replaces was seen to listen at this port: the new containers have to, from now on without asking again. */
  | { readonly kind: 'listening'; readonly port: number }
  /** The container passed its gates: from now on it answers to the service's name. */
  | { readonly kind: 'alias'; readonly id: string }
  /** `makesRoom`: requests begin to be held, because the other release stops next. */
  | { readonly kind: 'route'; readonly table: RouteTable; readonly reason: string; readonly makesRoom?: true }
  /** Nobody is routed any more and every proxy knows it: the entry itself goes. */
  | { readonly kind: 'unroute' }
  /** The new release is fit, and requests go to it, where it gets any: the drain bound counts from now. */
  | { readonly kind: 'switched' }
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | { readonly kind: 'drop-alias'; readonly id: string; readonly address: string }
  /** The drain bound passed, and these proxies have not proven that the requests on the old containers ended. */
  | { readonly kind: 'unproven'; readonly openRequests: number; readonly waitingFor: readonly string[] }
  /** The last old container lost the service's name: internal callers get time to notice. */
  | { readonly kind: 'settle' }
  /** `makesRoom`: the other release cannot run beside it. */
  | { readonly kind: 'stop'; readonly id: string; readonly reason: string; readonly makesRoom?: true }
  | { readonly kind: 'remove'; readonly id: string; readonly address: string | null; readonly reason: string }
  | {
      readonly kind: 'fail';
      readonly id: string;
      readonly verdict: VerdictReason;
      readonly message: string;
      readonly exitCode: number | null;
    }
  | { readonly kind: 'finish' }
  /** What a rollout had stopped serves again; `late`: it had its time, and is looked after like any other now. */
  | { readonly kind: 'restored'; readonly late?: true }
  | { readonly kind: 'look-again'; readonly afterMs: number; readonly reason: string };

/** A step in a few words, for logs and `deploy.plan`. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'pull':
      return 'pull the image';
    case 'create':
      return `create ${step.name}`;
    case 'start':
    case 'alias':
    case 'drop-alias':
      return `${step.kind} ${shortId(step.id)}`;
    case 'listening':
      return `the release before answers on port ${step.port}, so the new one has to`;
    case 'route':
      return `route: ${step.reason}`;
    case 'unroute':
      return 'take the routes away';
    case 'switched':
      return 'note the switch';
    case 'rename':
      return `rename ${shortId(step.id)} to ${step.name}`;
    case 'unproven':
      return `go on without the proof of ${step.waitingFor.join(', ')} (requests known to be open: ${step.openRequests})`;
    case 'settle':
      return 'let internal callers settle';
    case 'reattach':
    case 'stop':
    case 'remove':
      return `${step.kind} ${shortId(step.id)}: ${step.reason}`;
    case 'fail':
      return `fail: ${step.message}`;
    case 'finish':
      return 'finish';
    case 'restored':
      return step.late ? 'the old release had its time to come back' : 'the old release serves again';
    case 'look-again':
      return `${step.reason}, looking again in ${inSeconds(step.afterMs)}`;
    default:
      return step satisfies never;
  }
}

/** `0.3 s`, and `288 s` where a part of one is no matter. */
function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** The first twelve digits of a container id, as the engine's own tools show it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** One list of steps that ends with at most one look, the earliest. */
export function joinSteps(left: readonly Step[], right: readonly Step[]): Step[] {
  const all = [...left, ...right];
  const looks = all.filter((step) => step.kind === 'look-again').toSorted((one, other) => one.afterMs - other.afterMs);
  return [...all.filter((step) => step.kind !== 'look-again'), ...looks.slice(0, 1)];
}

/** Two heartbeats of a proxy have to be heard before anything is stopped or removed. */
export const connectedTooShort: Step = { kind: 'look-again', afterMs: 1_000, reason: 'connected for too short a time to stop anything' };
