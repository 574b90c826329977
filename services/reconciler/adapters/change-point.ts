import type { DockerCall } from './docker-api.ts';

/**
 * The named point of a change that the engine is asked for, such as `engine.containers.remove`; null for a question. Before it, whatever was
 * looked at may be otherwise by the time that the engine hears of it; after it, nobody has written down yet that it was done.
 */
export function changePoint({ method, path }: Pick<DockerCall, 'method' | 'path'>): string | null {
  if (method === 'GET') return null;
  const [, kind = '', ...rest] = path.split('/');
  return `engine.${kind}.${method === 'DELETE' ? 'remove' : (rest.at(-1) ?? '')}`;
}
