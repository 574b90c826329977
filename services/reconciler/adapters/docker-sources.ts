import { errorCode, hashJson } from '@kedge/shared/kernel';
import { z } from 'zod';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';

/** Tells what a container is for that nobody ever starts. */
const purpose = 'kedge.probe';

/**
 * Which of these paths the engine's host does not have. The engine alone can tell: a container that is made with a mount, rather than with
 * the short form of one, is refused when there is nothing to mount. It is never started, and removed at once.
 */
export async function unseenSources(
  api: DockerApi,
  { sources, image }: { readonly sources: readonly string[]; readonly image: string },
): Promise<string[]> {
  const unseen: string[] = [];
  for (let left = [...new Set(sources)]; left.length > 0; left = left.filter((source) => !unseen.includes(source))) {
    const missing = await firstUnseen(api, left, image);
    if (missing === null) break;
    unseen.push(missing);
  }
  return unseen;
}

/** `bind source path does not exist: /srv/data` */
const refusal = /bind source path does not exist: (?<path>.+)$/;

async function firstUnseen(api: DockerApi, sources: readonly string[], image: string): Promise<string | null> {
  // Whoever asks the same meets what was left behind when somebody was killed here.
  const name = `kedge.probe.${hashJson(sources).slice(0, 12)}`;
  const create = {
    what: 'find out whether volumes have a source',
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body: {
      Image: image,
      Cmd: ['never-run'],
      Labels: { [purpose]: 'sources' },
      HostConfig: {
        NetworkMode: 'none',
        Mounts: sources.map((source, index) => ({ Type: 'bind', Source: source, Target: `/${index}`, ReadOnly: true })),
      },
    },
  } as const;
  const taken = Symbol('taken');
  try {
    await remove(api, name);
    const made = await unlessStatus(api.send(create, z.object({ Id: z.string() })), { statuses: [409], instead: taken });
    if (made !== taken) await remove(api, name);
    return null;
  } catch (thrown) {
    const path = thrown instanceof Error ? refusal.exec(thrown.message)?.groups?.path : undefined;
    // Mounts are looked at before the image is.
    if (errorCode(thrown) === 'IMAGE_MISSING') return null;
    const missing = sources.find((source) => source === path);
    if (missing === undefined) throw thrown;
    return missing;
  }
}

async function remove(api: DockerApi, name: string): Promise<void> {
  const call = { what: `remove container ${name}`, method: 'DELETE', path: `/containers/${name}`, query: { force: true } } as const;
  await unlessStatus(api.send(call, anyAnswer), { statuses: [404, 409], instead: null });
}
