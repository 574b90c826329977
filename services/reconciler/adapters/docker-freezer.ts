import { RetryableError } from '@kedge/shared/kernel';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { inspectContainer, shortId } from './docker-inspect.ts';
import type { InspectedContainer } from './docker-inspected.ts';

const freezeTimeoutMs = 10_000;

/**
 * Pausing freezes every process, but makes the engine call a container with a health check unhealthy until the next check. Such a one
 * gets SIGSTOP instead, which reaches its first process alone.
 */
const freezes = { pause: { path: 'pause' }, stop: { path: 'kill', query: { signal: 'SIGSTOP' } } } as const;
const thaws = { pause: { path: 'unpause' }, stop: { path: 'kill', query: { signal: 'SIGCONT' } } } as const;
type Way = keyof typeof freezes;

/** Containers that this process froze and could not let go on: nothing shows from outside that one got SIGSTOP. */
const owed = new WeakMap<DockerApi, Map<string, Way>>();

/** Freezes a container that runs, and lets it go on afterwards, whatever came of the work. */
export async function whileFrozen(
  api: DockerApi,
  { container, work }: { readonly container: InspectedContainer; readonly work: () => Promise<void> },
): Promise<void> {
  const { Id, State } = container;
  const isPaused = State.Status === 'paused';
  if (State.Status !== 'running' && !isPaused) return await work();
  const way = isPaused || !State.Health ? 'pause' : 'stop';
  if (!isPaused) await freeze(api, Id, way);
  try {
    await work();
  } finally {
    await letGoOn(api, Id, way);
  }
}

/** Lets a container go on that somebody froze and could not thaw any more. Harmless for one that was not frozen. */
export async function thaw(api: DockerApi, { Id, State }: Pick<InspectedContainer, 'Id' | 'State'>): Promise<void> {
  if (State.Status === 'paused') await letGoOn(api, Id, 'pause');
  else if (State.Status === 'running' && State.Health) await letGoOn(api, Id, 'stop');
}

/** Lets all go on that should have gone on before; those that still cannot stay owed. */
export async function thawOwed(api: DockerApi): Promise<void> {
  for (const [id, way] of owed.get(api) ?? []) await letGoOn(api, id, way).catch((thrown: unknown) => unlessRetryable(thrown));
}

/** Without the freeze the work is rougher, and right all the same: a container that ended meanwhile (409), or that cannot be frozen (500). */
async function freeze(api: DockerApi, id: string, way: Way): Promise<void> {
  await unlessStatus(send(api, id, freezes[way]), { statuses: [404, 409, 500], instead: null });
}

async function letGoOn(api: DockerApi, id: string, way: Way): Promise<void> {
  const mine = owed.get(api) ?? new Map<string, Way>();
  owed.set(api, mine.set(id, way));
  try {
    await unlessStatus(send(api, id, thaws[way]), { statuses: [404, 409], instead: null });
  } catch (thrown) {
    // The engine's word for one that was not paused is a failure too.
    if (way === 'stop' || (await inspectContainer(api, id))?.State.Status === 'paused') throw thrown;
  }
  mine.delete(id);
}

async function send(api: DockerApi, id: string, { path, ...rest }: (typeof freezes | typeof thaws)[Way]): Promise<unknown> {
  return await api.send(
    { what: `${path} container ${shortId(id)}`, method: 'POST', path: `/containers/${id}/${path}`, timeoutMs: freezeTimeoutMs, ...rest },
    anyAnswer,
  );
}

function unlessRetryable(thrown: unknown): void {
  if (!(thrown instanceof RetryableError)) throw thrown;
}
