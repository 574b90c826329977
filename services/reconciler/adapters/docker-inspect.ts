import { RetryableError } from '@kedge/shared/kernel';
import type { DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { InspectedContainer } from './docker-inspected.ts';

/** Reads one container by id or name; null when there is none. */
export async function inspectContainer(api: DockerApi, id: string): Promise<InspectedContainer | null> {
  const call = { what: `inspect container ${shortId(id)}`, method: 'GET', path: `/containers/${encodeURIComponent(id)}/json` } as const;
  return await unlessStatus(api.send(call, InspectedContainer), { statuses: [404], instead: null });
}

/** Reads a container that something is to be done with. Rejects with CONTAINER_GONE when there is none: the next pass sees why. */
export async function inspectPresent(
  api: DockerApi,
  { id, what }: { readonly id: string; readonly what: string },
): Promise<InspectedContainer> {
  const inspected = await inspectContainer(api, id);
  if (inspected) return inspected;
  throw new RetryableError('CONTAINER_GONE', `cannot ${what}: the engine has no such container any more`, { details: { container: id } });
}

/** The first twelve characters of a container id, as the engine's own tools print it; names stay whole. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}
