import type { NodeName, ServiceName } from '@kedge/shared/contracts';
import { KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { z } from 'zod';
import { labels } from '../ports.ts';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { unlessStatus } from './docker-errors.ts';
import { inspectContainer, inspectPresent, shortId } from './docker-inspect.ts';
import { exitCodeOf, type InspectedContainer, labelsOf, nameOf } from './docker-inspected.ts';
import { inParallel } from './in-parallel.ts';
import { jsonLines } from './json-lines.ts';

const changeTimeoutMs = 30_000;
const inspectsAtOnce = 8;

const Exit = z.object({ StatusCode: z.int() });
const ContainerList = z.array(
  z.object({ Id: z.string(), Names: z.array(z.string()).nullish(), Labels: z.record(z.string(), z.string()).nullish() }),
);

interface Wanted {
  readonly node: NodeName;
  readonly names: readonly string[];
  readonly service: ServiceName | undefined;
}

/** Containers of the node (or of one service of it), and whatever has one of `names`. One that vanishes in between is left out. */
export async function listContainers(api: DockerApi, { node, names, service }: Wanted): Promise<InspectedContainer[]> {
  // The engine joins filters with "and"; we need "or".
  const all = await api.send({ what: 'list containers', method: 'GET', path: '/containers/json', query: { all: true } }, ContainerList);
  const paths = new Set(names.map((name) => `/${name}`));
  const ours = all.filter(({ Labels, Names }) => {
    const labelled = Labels?.[labels.node] === node && (service === undefined || Labels[labels.service] === service);
    return labelled || Names?.some((name) => paths.has(name));
  });
  const inspected = await inParallel(ours, { limit: inspectsAtOnce, work: ({ Id }) => inspectContainer(api, Id) });
  return inspected.filter((each) => each !== null);
}

/** Starts a container, by id or name; one that runs already is fine. */
export async function startContainer(api: DockerApi, id: string): Promise<void> {
  const call = {
    what: `start container ${shortId(id)}`,
    method: 'POST',
    path: `/containers/${id}/start`,
    timeoutMs: changeTimeoutMs,
  } as const;
  try {
    await unlessStatus(api.send(call, anyAnswer), { statuses: [304], instead: null });
  } catch (thrown) {
    throw thrown instanceof KedgeError ? await refusedStart(api, id, thrown) : thrown;
  }
}

/** Codes that the engine gives a container whose program may not be run, or is not there. */
const programCodes: readonly (number | null)[] = [126, 127];
/** 128 stands for everything else, a taken port as well: only the sentence tells what the container itself is to blame for. */
const ownFault = /unable to find (user|group)/i;

/** The engine answers 400 or 500 alike; how the container was left tells whether it could ever start. */
async function refusedStart(api: DockerApi, id: string, thrown: KedgeError): Promise<KedgeError> {
  if (thrown.code !== 'ENGINE_REFUSED' && thrown.code !== 'ENGINE_ERROR') return thrown;
  const container = await inspectContainer(api, id);
  const exitCode = container && exitCodeOf(container.State);
  const isProgram = thrown.details.status === 400 && programCodes.includes(exitCode);
  if (!isProgram && !ownFault.test(thrown.message)) return thrown;
  return new TerminalError('START_REFUSED', `it cannot be started: ${String(thrown.details.sentence)}`, {
    details: { ...thrown.details, exitCode },
  });
}

/** SIGTERM, then SIGKILL after the grace, which the engine counts in whole seconds. */
export async function stopContainer(api: DockerApi, { id, graceMs }: { readonly id: string; readonly graceMs: number }): Promise<void> {
  const seconds = Math.ceil(graceMs / 1_000);
  const call = {
    what: `stop container ${shortId(id)}`,
    method: 'POST',
    path: `/containers/${id}/stop`,
    query: { t: seconds },
    timeoutMs: seconds * 1_000 + 10_000,
  } as const;
  await unlessStatus(api.send(call, anyAnswer), { statuses: [304, 404], instead: null });
}

/** Removes a container of the service, running or not. */
export async function removeContainer(
  api: DockerApi,
  { id, expect }: { readonly id: string; readonly expect: { readonly service: ServiceName; readonly node: NodeName } },
): Promise<void> {
  const container = await inspectContainer(api, id);
  if (!container) return;
  const found = labelsOf(container);
  if (found[labels.service] !== expect.service || found[labels.node] !== expect.node) {
    throw new TerminalError(
      'NOT_OURS',
      `container ${nameOf(container)} does not belong to service ${expect.service} of node ${expect.node}; it is left alone`,
      {
        details: { container: id, service: found[labels.service] ?? null, node: found[labels.node] ?? null },
      },
    );
  }
  await destroy(api, container.Id, { volumes: true });
}

/** Removes a container that Kedge did not make. What it has in volumes without a name is its owner's, and stays. */
export async function removeForeignContainer(api: DockerApi, id: string): Promise<void> {
  const container = await inspectContainer(api, id);
  if (!container) return;
  if (labelsOf(container)[labels.node] !== undefined) {
    throw new TerminalError('NOT_FOREIGN', `container ${nameOf(container)} was made by Kedge; it is left alone`, {
      details: { container: id },
    });
  }
  await destroy(api, container.Id, { volumes: false });
}

async function destroy(api: DockerApi, id: string, { volumes }: { readonly volumes: boolean }): Promise<void> {
  const call = {
    what: `remove container ${shortId(id)}`,
    method: 'DELETE',
    path: `/containers/${id}`,
    query: { v: volumes, force: true },
    timeoutMs: changeTimeoutMs,
  } as const;
  // 409: it is being removed already.
  await unlessStatus(api.send(call, anyAnswer), { statuses: [404, 409], instead: null });
}

/** Gives a container another name; the engine's DNS answers for it from then on, and for the old one no more. */
export async function renameContainer(api: DockerApi, { id, name }: { readonly id: string; readonly name: string }): Promise<void> {
  const what = `rename container ${shortId(id)} to ${name}`;
  const container = await inspectPresent(api, { id, what });
  if (nameOf(container) === name) return;
  const renamed = api.send(
    { what, method: 'POST', path: `/containers/${container.Id}/rename`, query: { name }, timeoutMs: changeTimeoutMs },
    anyAnswer,
  );
  const taken = Symbol('taken');
  if ((await unlessStatus(renamed, { statuses: [409], instead: taken })) !== taken) return;
  throw new TerminalError('NAME_TAKEN', `cannot ${what}: another container has that name; remove or rename that one`, {
    details: { name, container: id },
  });
}

/** Waits until the container does not run any more; one that ended already answers at once. Rejects with the signal's reason when that comes first. */
export async function waitForExit(
  api: DockerApi,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<{ readonly exitCode: number }> {
  const call = {
    what: `wait for container ${shortId(id)}`,
    method: 'POST',
    path: `/containers/${id}/wait`,
    query: { condition: 'not-running' },
  } as const;
  try {
    // The engine begins its answer at once and ends it when the container ended.
    for await (const answer of jsonLines(await api.open(call, signal))) return { exitCode: Exit.parse(answer).StatusCode };
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
  throw new RetryableError(
    'ENGINE_UNREACHABLE',
    `the container engine stopped waiting for container ${shortId(id)} without saying how it ended`,
  );
}
