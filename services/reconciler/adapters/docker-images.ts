import { Digest, parseImageReference, pinnedReference } from '@kedge/shared/contracts';
import { KedgeError, RetryableError } from '@kedge/shared/kernel';
import { z } from 'zod';
import type { ContainerEngine, LocalImage } from '../ports.ts';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { jsonLines } from './json-lines.ts';
import { pullError } from './pull-errors.ts';
import { failureOf, type LayerBytes, PullLine, percentOf, withLine } from './pull-progress.ts';

/** Without a word of the engine about it: a large image may take as long as it needs. */
const silentPullMs = 300_000;

type PullRequest = Parameters<ContainerEngine['pull']>[0];

const InspectedImage = z.object({
  Id: Digest,
  RepoDigests: z.array(z.string()).nullish(),
  RepoTags: z.array(z.string()).nullish(),
  Config: z
    .object({
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
});
type InspectedImage = z.infer<typeof InspectedImage>;

/** An image that the engine holds, by id, tag or digest; null when it does not. */
export async function findImage(api: DockerApi, reference: string): Promise<LocalImage | null> {
  const inspected = await inspectImage(api, reference);
  return inspected && toLocalImage(inspected);
}

/** Pulls by digest unless it is here already, then points the declared tag at it. */
export async function pullImage(api: DockerApi, request: PullRequest): Promise<LocalImage> {
  const pinned = pinnedReference(request.reference, request.digest);
  const image = (await inspectImage(api, pinned)) ?? (await pull(api, request, pinned));
  await tagAsDeclared(api, request.reference, image.Id);
  request.onProgress?.(100);
  return toLocalImage(image);
}

async function pull(api: DockerApi, { reference, digest, credentials, onProgress }: PullRequest, pinned: string): Promise<InspectedImage> {
  const { registry, repository } = parseImageReference(reference);
  const call = {
    what: `pull ${pinned}`,
    method: 'POST',
    path: '/images/create',
    query: { fromImage: `${registry}/${repository}`, tag: digest },
    timeoutMs: silentPullMs,
    isPatient: true,
    ...(credentials
      ? { auth: { username: credentials.username, password: credentials.password.reveal(), serveraddress: serverAddress(registry) } }
      : {}),
  } as const;
  try {
    await api.read(call, (answer) => followProgress(answer, pinned, onProgress));
  } catch (thrown) {
    throw registryError(pinned, thrown);
  }
  const image = await inspectImage(api, pinned);
  if (image) return image;
  throw new RetryableError('REGISTRY_ERROR', `${pinned} was pulled without an error and yet the engine does not hold it`, {
    details: { image: pinned },
  });
}

/** Reads to the end: the engine begins with 200 and tells of failures in between. */
async function followProgress(answer: AsyncIterable<Uint8Array>, image: string, onProgress?: (percent: number) => void): Promise<void> {
  let layers: LayerBytes = {};
  let shown = -1;
  for await (const value of jsonLines(answer)) {
    const line = PullLine.parse(value);
    const failure = failureOf(line);
    if (failure !== null) throw pullError(image, failure);
    layers = withLine(layers, line);
    const percent = percentOf(layers);
    if (percent <= shown) continue;
    shown = percent;
    onProgress?.(percent);
  }
}

/** A tag is moved only when it points elsewhere; a reference that is pinned to a digest names no tag to move. */
async function tagAsDeclared(api: DockerApi, reference: string, id: Digest): Promise<void> {
  const { registry, repository, tag, digest } = parseImageReference(reference);
  if (digest !== null || tag === null) return;
  const repo = `${registry}/${repository}`;
  if ((await inspectImage(api, `${repo}:${tag}`))?.Id === id) return;
  await api.send({ what: `tag ${reference}`, method: 'POST', path: `/images/${id}/tag`, query: { repo, tag } }, anyAnswer);
}

async function inspectImage(api: DockerApi, reference: string): Promise<InspectedImage | null> {
  const call = { what: `look for image ${reference}`, method: 'GET', path: `/images/${reference}/json` } as const;
  return await unlessStatus(api.send(call, InspectedImage), { statuses: [404], instead: null });
}

/** The engine answers with a status of its own before it begins to pull; the sentence is the registry's all the same. */
function registryError(image: string, thrown: unknown): unknown {
  if (!(thrown instanceof KedgeError)) return thrown;
  const { status, sentence } = thrown.details;
  return status !== undefined && typeof sentence === 'string' ? pullError(image, sentence) : thrown;
}

/** Docker Hub's credentials are kept under a name from before there were other registries. */
function serverAddress(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

function toLocalImage({ Id, RepoDigests, Config }: InspectedImage): LocalImage {
  const ports = Object.keys(Config?.ExposedPorts ?? {}).filter((port) => port.endsWith('/tcp') || !port.includes('/'));
  const check = Config?.Healthcheck?.Test ?? [];
  return {
    id: Id,
    repoDigests: RepoDigests ?? [],
    exposed: ports.map((port) => Number.parseInt(port, 10)).toSorted((one, other) => one - other),
    hasHealthcheck: check.length > 0 && check[0] !== 'NONE',
  };
}
