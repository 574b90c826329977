import { type ContainerPlan, labels, type ObservedContainer, type WritableMount } from '../ports.ts';

/** How the program in an image behaves. */
export interface Behaviour {
  /** From the start until it accepts connections; null: never. */
  readonly readyAfterMs: number | null;
  /** Ports that accept once it is ready; by default every one. */
  readonly listensOn?: readonly number[];
  /** Ports that the image names. Default: none. */
  readonly exposes?: readonly number[];
  /** From the start until it ends; null: it runs on. */
  readonly endsAfterMs: number | null;
  readonly exitCode: number;
  /** The engine refuses to start it: there is no such program in the image. */
  readonly isMissing?: boolean;
  /** The image has a health check of Docker's. */
  readonly hasHealthCheck?: boolean;
}

/** A container as the simulated engine keeps it. */
export interface SimulatedContainer {
  readonly id: string;
  name: string;
  readonly plan: ContainerPlan;
  state: ObservedContainer['state'];
  exitCode: number | null;
  restartCount: number;
  startedAt: Date | null;
  finishedAt: Date | null;
  readonly createdAt: Date;
  stoppedByHand: boolean;
  attached: boolean;
  /** Networks beside the default one that it is on. */
  others: readonly string[];
  /** Stopped by a signal that nothing shows from outside. */
  isFrozen: boolean;
  aliases: readonly string[];
}

/** One that was made and not started yet. */
export function newContainer(id: string, plan: ContainerPlan, createdAt: Date): SimulatedContainer {
  const { name } = plan;
  const never = { exitCode: null, restartCount: 0, startedAt: null, finishedAt: null, stoppedByHand: false };
  return { ...never, id, name, plan, createdAt, state: 'created', attached: true, others: plan.networks, isFrozen: false, aliases: [] };
}

/** Whose container it is. */
export function holderOf({ id, name, plan }: SimulatedContainer): Pick<WritableMount, 'container' | 'name' | 'owner'> {
  const { [labels.node]: node = '', [labels.service]: service = '' } = plan.labels;
  return { container: id, name, owner: service === '' ? null : { node, service } };
}

/** The places that it may write to; the engine takes the slash from the end of a folder. */
export function writtenTo({ plan }: SimulatedContainer): string[] {
  return plan.volumes.flatMap(({ source, readonly }) => (readonly ? [] : [source.replace(/(?<=.)\/$/, '')]));
}

/** Lets the time that passed have its effect: programs end, and the engine restarts what its policy covers. */
export function live(container: SimulatedContainer, { endsAfterMs, exitCode }: Behaviour, now: number): SimulatedContainer {
  for (let turns = 0; container.state === 'running' && container.startedAt && turns < 3; turns += 1) {
    const endsAt = container.startedAt.getTime() + (endsAfterMs ?? Number.POSITIVE_INFINITY);
    if (now < endsAt) break;
    container.exitCode = exitCode;
    container.finishedAt = new Date(endsAt);
    const { restart } = container.plan;
    const again = restart === 'always' || restart === 'unless-stopped' || (restart === 'on-failure' && exitCode !== 0);
    if (!again) {
      container.state = 'exited';
    } else {
      container.restartCount += 1;
      container.startedAt = new Date(endsAt + 100);
    }
  }
  return container;
}

export function healthOf(
  { state, startedAt }: SimulatedContainer,
  { hasHealthCheck, readyAfterMs }: Behaviour,
  now: number,
): ObservedContainer['health'] {
  if (!hasHealthCheck || state !== 'running' || !startedAt) return 'none';
  return readyAfterMs !== null && now >= startedAt.getTime() + readyAfterMs ? 'healthy' : 'starting';
}
