import type { PlanReply, ServiceName, StatusReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import type { ForeignContainer } from './describe-plan.ts';
import type { DispenserSight } from './dispenser-sight.ts';
import type { Beginning } from './migration-steps.ts';

interface StackView {
  readonly status: Pick<StatusReply, 'services'>;
  readonly plan: Pick<PlanReply, 'foreign'>;
  /** What the configuration declares that waits for a yes; absent where none does, or nobody tells more of it. */
  readonly held?: readonly ServiceName[] | undefined;
}

/** What is known when somebody wants to move from Dispenser. */
interface ImportView {
  /** Of the folder, in the order in which they may start. */
  readonly services: readonly ServiceName[];
  /** What the stack answered; null when none does, or not all of it. */
  readonly stack: StackView | null;
  /** Somebody is there: the bus was reached. Default: false. */
  readonly isConnected?: boolean | undefined;
  /** Why there is no stack; the code tells a component that is away from a bus that went meanwhile. */
  readonly silence?: { readonly code: string } | undefined;
  /** What can be seen of the daemon of the folder. */
  readonly daemon: DispenserSight;
}

/** `not-yet` has a reason that a person can mend, and what comes first then: by default a stack is started, or another one. */
export type ImportJudgement =
  | { readonly kind: 'ready'; readonly services: readonly ServiceName[]; readonly dispensers: readonly ForeignContainer[] }
  /** No container of Dispenser is in the way any more. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'not-yet'; readonly reason: string; readonly first?: Beginning; readonly dispensers: readonly ForeignContainer[] };

/** Nobody else is asked before that. */
const onlyTheBus = 'the bus answers, the reconciler does not';

/** Whether the services of a folder can be handed over now, and which. */
export function judgeImport({ services, stack, isConnected = false, silence, daemon }: ImportView): ImportJudgement {
  if (!stack) {
    const [who, first] = isConnected
      ? ([silence?.code === 'REQUEST_UNANSWERED' ? onlyTheBus : 'a part of the stack does not answer', 'answer'] as const)
      : (['no stack answers', 'start'] as const);
    return { kind: 'not-yet', reason: `${who}, so nobody knows yet which of these names and ports are taken`, first, dispensers: [] };
  }
  const foreign = (stack.plan.foreign ?? []).filter(({ service }) => services.includes(service));
  const names = new Set<string>(services);
  const dispensers = foreign.filter(({ container }) => names.has(container));
  const strangers = foreign.filter(({ container }) => !names.has(container));

  const declared = new Set(stack.status.services.map(({ service }) => service));
  const missing = services.filter((service) => !declared.has(service));
  if (missing.length > 0 && missing.every((service) => stack.held?.includes(service)))
    return {
      kind: 'not-yet',
      reason: `the configuration that declares ${nameList(missing)} is held: "kedge apply" shows what it would remove, and asks`,
      first: 'agree',
      dispensers,
    };
  if (missing.length > 0)
    return {
      kind: 'not-yet',
      reason: `the stack reads another folder, or does not have it in force yet: it has no ${nameList(missing)}`,
      dispensers,
    };
  const [stranger] = strangers;
  if (stranger)
    return {
      kind: 'not-yet',
      reason: `container ${stranger.container} (${stranger.image}) has a port of service ${stranger.service} and is none of Dispenser's: stop it, or change the port`,
      dispensers,
    };
  if (dispensers.length === 0) return { kind: 'nothing' };
  // Of what cannot be seen a person knows more: a yes says that none works on this folder.
  if (daemon.kind === 'runs')
    return { kind: 'not-yet', reason: `Dispenser must end first (process ${daemon.pid}): it would fight for the names`, dispensers };
  return { kind: 'ready', services: services.filter((name) => dispensers.some(({ service }) => service === name)), dispensers };
}
