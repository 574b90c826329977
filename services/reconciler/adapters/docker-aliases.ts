import { RetryableError } from '@kedge/shared/kernel';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { thaw, whileFrozen } from './docker-freezer.ts';
import { inspectPresent, shortId } from './docker-inspect.ts';
import { endpointOn, type InspectedContainer, type InspectedEndpoint, isLost, isOnHost } from './docker-inspected.ts';

interface Attachment {
  readonly name: string;
  /** Null: the one that the container has there, where the network allows that to be asked for. */
  readonly address: string | null;
  readonly aliases: readonly string[];
}

/** On the default network with its fixed address, and on others. */
interface Attachments extends Attachment {
  readonly address: string;
  readonly others?: readonly string[];
}

const attachTimeoutMs = 30_000;

/**
 * Aliases cannot be changed in place, so the container is taken off the network and put back with the same address. Meanwhile it is
 * frozen: for those 0.2 s its own look-ups and new connections would fail, and so they only wait. What the engine was seen to do (each has
 * a test): open connections to the container's address live on; its host name and its **name** resolve like aliases;
 * `rename` changes the resolved name at once; host ports close until it is back, and their connections die, so set the aliases of
 * a container with published ports before it starts.
 */
export async function setAliases(api: DockerApi, { id, others = [], ...wanted }: Attachments & { readonly id: string }): Promise<void> {
  const places: Attachment[] = [wanted, ...others.map((name) => ({ name, address: null, aliases: wanted.aliases }))];
  const what = `attach container ${shortId(id)} to ${places.map(({ name }) => name).join(', ')} as ${wanted.aliases.join(', ') || 'nobody'}`;
  const container = await inspectPresent(api, { id, what });
  const missing = isOnHost(container) ? [] : places.filter((place) => !isAttachedAs(container, place));
  if (missing.length === 0) {
    // By us, killed before the thaw.
    if (container.State.Status === 'paused') await thaw(api, container);
    return;
  }
  const work = async () => {
    for (const place of missing) await reattach(api, { container, wanted: place, what });
  };
  await whileFrozen(api, { container, work });
}

interface Reattachment {
  readonly container: InspectedContainer;
  readonly wanted: Attachment;
  /** Completes the sentence "was asked to …". */
  readonly what: string;
}

/** Puts a container on a network anew, with the address that it has there where none is asked for. */
export async function reattach(api: DockerApi, { container, wanted, what }: Reattachment): Promise<void> {
  const present = endpointOn(container, wanted.name);
  if (present) await detach(api, { id: container.Id, network: wanted.name });
  const address = wanted.address ?? (present && addressAt(present));
  const endpoint = (fixed: string | null) => ({
    ...(fixed === null ? {} : { IPAMConfig: { IPv4Address: fixed } }),
    Aliases: [...wanted.aliases],
  });
  try {
    await attach(api, { id: container.Id, network: wanted.name, what, endpoint: endpoint(address) });
  } catch (thrown) {
    // Addresses are given on demand only in networks that were made with a subnet.
    if (wanted.address !== null && !(thrown instanceof RetryableError)) throw thrown;
    // Off the network it serves nobody, so it is tried once more at once. An engine that crashed may also have kept a stale endpoint.
    await detach(api, { id: container.Id, network: wanted.name });
    await attach(api, { id: container.Id, network: wanted.name, what, endpoint: endpoint(wanted.address) });
  }
}

/** By wish or by chance; null when it never ran there. */
function addressAt({ IPAMConfig, IPAddress }: InspectedEndpoint): string | null {
  return IPAMConfig?.IPv4Address || IPAddress || null;
}

interface Endpoint {
  readonly id: string;
  readonly network: string;
}

interface NewEndpoint extends Endpoint {
  readonly what: string;
  readonly endpoint?: object;
}

/** Puts a container on a network; rejects with ENDPOINT_TAKEN when it is there already. */
export async function attach(api: DockerApi, { id, network, what, endpoint }: NewEndpoint): Promise<void> {
  const body = { Container: id, ...(endpoint ? { EndpointConfig: endpoint } : {}) };
  await api.send(
    { what, method: 'POST', path: `/networks/${encodeURIComponent(network)}/connect`, body, timeoutMs: attachTimeoutMs },
    anyAnswer,
  );
}

/** True when nothing has to change. */
export function isAttachedAs(container: InspectedContainer, { name, address, aliases }: Attachment): boolean {
  const endpoint = endpointOn(container, name);
  if (!endpoint || isLost(container, endpoint) || (address !== null && endpoint.IPAMConfig?.IPv4Address !== address)) return false;
  // Engines before API 1.45 list the container's short id among the aliases.
  const current = new Set((endpoint.Aliases ?? []).filter((alias) => !container.Id.startsWith(alias)));
  return current.size === new Set(aliases).size && aliases.every((alias) => current.has(alias));
}

/** Where an endpoint is configured but was never made the engine answers 500 "is not connected", and a later connect works all the same. */
export async function detach(api: DockerApi, { id, network }: Endpoint): Promise<void> {
  const call = {
    what: `take container ${shortId(id)} off network ${network}`,
    method: 'POST',
    path: `/networks/${encodeURIComponent(network)}/disconnect`,
    body: { Container: id, Force: true },
    timeoutMs: attachTimeoutMs,
  } as const;
  await unlessStatus(api.send(call, anyAnswer), { statuses: [404, 500], instead: null });
}
