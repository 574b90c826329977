import { RetryableError } from '@kedge/shared/kernel';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { inspectPresent, shortId } from './docker-inspect.ts';
import { endpointOn, type InspectedContainer, isLost } from './docker-inspected.ts';

interface Attachment {
  readonly name: string;
  readonly address: string;
  readonly aliases: readonly string[];
}

const attachTimeoutMs = 30_000;
const freezeTimeoutMs = 10_000;

/**
 * Aliases cannot be changed in place, so the container is taken off the network and put back with the same address. Meanwhile it is
 * frozen: for those 0.2 s its own look-ups and new connections would fail, and so they only wait. What the engine was seen to do (each has
 * a test): open connections to the container's address live on; its host name and its **name** resolve like aliases;
 * `rename` changes the resolved name at once; host ports close until it is back, and their connections die, so set the aliases of
 * a container with published ports before it starts.
 */
export async function setAliases(api: DockerApi, id: string, wanted: Attachment): Promise<void> {
  const what = `attach container ${shortId(id)} to ${wanted.name} as ${wanted.aliases.join(', ') || 'nobody'}`;
  const container = await inspectPresent(api, id, what);
  const isPaused = container.State.Status === 'paused'; // by us, killed before the thaw
  if (isAttachedAs(container, wanted)) {
    if (isPaused) await freezer(api, container.Id, thaws.pause);
    return;
  }
  if (container.State.Status !== 'running' && !isPaused) return await reattach(api, container, wanted, what);

  const way = isPaused || !container.State.Health ? 'pause' : 'stop';
  if (!isPaused) await freezer(api, container.Id, freezes[way]);
  try {
    await reattach(api, container, wanted, what);
  } finally {
    await freezer(api, container.Id, thaws[way]);
  }
}

/** Lets a container go on that somebody froze and could not thaw any more. Harmless for one that was not frozen. */
export async function thaw(api: DockerApi, id: string): Promise<void> {
  const container = await inspectPresent(api, id, `thaw container ${shortId(id)}`);
  if (container.State.Status === 'paused') await freezer(api, container.Id, thaws.pause);
  else if (container.State.Status === 'running' && container.State.Health) await freezer(api, container.Id, thaws.stop);
}

async function reattach(api: DockerApi, container: InspectedContainer, wanted: Attachment, what: string): Promise<void> {
  if (endpointOn(container, wanted.name)) await detach(api, container.Id, wanted.name);
  const endpoint = { IPAMConfig: { IPv4Address: wanted.address }, Aliases: [...wanted.aliases] };
  try {
    await attach(api, container.Id, wanted.name, { what, endpoint });
  } catch (thrown) {
    if (!(thrown instanceof RetryableError)) throw thrown;
    // Off the network it serves nobody, so it is tried once more at once. An engine that crashed may also have kept a stale endpoint.
    await detach(api, container.Id, wanted.name);
    await attach(api, container.Id, wanted.name, { what, endpoint });
  }
}

/**
 * Pausing freezes every process, but makes the engine call a container with a health check unhealthy until the next check. Such a one
 * gets SIGSTOP instead, which reaches its first process alone.
 */
const freezes = { pause: { path: 'pause' }, stop: { path: 'kill', query: { signal: 'SIGSTOP' } } } as const;
const thaws = { pause: { path: 'unpause' }, stop: { path: 'kill', query: { signal: 'SIGCONT' } } } as const;
type Freezing = (typeof freezes | typeof thaws)['pause' | 'stop'];

/** A container that ended meanwhile (409) or is gone (404) needs neither. */
async function freezer(api: DockerApi, id: string, { path, ...rest }: Freezing): Promise<void> {
  const call = {
    what: `${path} container ${shortId(id)}`,
    method: 'POST',
    path: `/containers/${id}/${path}`,
    timeoutMs: freezeTimeoutMs,
    ...rest,
  } as const;
  await unlessStatus(api.send(call, anyAnswer), [404, 409, 500], null);
}
/** Puts a container on a network; rejects with ENDPOINT_TAKEN when it is there already. */
export async function attach(
  api: DockerApi,
  id: string,
  network: string,
  { what, endpoint }: { readonly what: string; readonly endpoint?: object },
): Promise<void> {
  const body = { Container: id, ...(endpoint ? { EndpointConfig: endpoint } : {}) };
  await api.send(
    { what, method: 'POST', path: `/networks/${encodeURIComponent(network)}/connect`, body, timeoutMs: attachTimeoutMs },
    anyAnswer,
  );
}

/** True when nothing has to change. */
export function isAttachedAs(container: InspectedContainer, { name, address, aliases }: Attachment): boolean {
  const endpoint = endpointOn(container, name);
  if (!endpoint || isLost(container, endpoint) || endpoint.IPAMConfig?.IPv4Address !== address) return false;
  // Engines before API 1.45 list the container's short id among the aliases.
  const current = new Set((endpoint.Aliases ?? []).filter((alias) => !container.Id.startsWith(alias)));
  return current.size === new Set(aliases).size && aliases.every((alias) => current.has(alias));
}

/** Where an endpoint is configured but was never made the engine answers 500 "is not connected", and a later connect works all the same. */
async function detach(api: DockerApi, id: string, network: string): Promise<void> {
  const call = {
    what: `take container ${shortId(id)} off network ${network}`,
    method: 'POST',
    path: `/networks/${encodeURIComponent(network)}/disconnect`,
    body: { Container: id, Force: true },
    timeoutMs: attachTimeoutMs,
  } as const;
  await unlessStatus(api.send(call, anyAnswer), [404, 500], null);
}
