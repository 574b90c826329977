import { KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { z } from 'zod';
import { type ContainerPlan, labels } from '../ports.ts';
import { attach } from './docker-aliases.ts';
import { anyAnswer, type DockerApi } from './docker-api.ts';
import { createBody, hostnameBetraysService, withoutSecrets } from './docker-create-body.ts';
import { unlessStatus } from './docker-errors.ts';
import { inspectContainer, inspectPresent, shortId } from './docker-inspect.ts';
import { endpointOn, type InspectedContainer, labelsOf } from './docker-inspected.ts';
import { isSameWork } from './docker-labels.ts';
import { hasNetwork } from './docker-networks.ts';

const createTimeoutMs = 30_000;

/** Makes a container and attaches it to its networks, all or nothing. One that the same rollout made before is taken over and completed. */
export async function createContainer(
  api: DockerApi,
  { plan, log }: { readonly plan: ContainerPlan; readonly log: Logger },
): Promise<InspectedContainer> {
  if (hostnameBetraysService(plan)) {
    log.warn(
      { service: plan.labels[labels.service], hostname: plan.hostname },
      'host name left away: it equals the service name, which the engine would resolve to a container without traffic',
    );
  }
  await checkNetworks(api, plan);
  const made = await make(api, plan);
  if (made === null) return await attachMissing(api, plan, await adopt(api, plan));
  try {
    return await attachMissing(api, plan, await inspectPresent(api, { id: made, what: `create container ${plan.name}` }));
  } catch (thrown) {
    await removeHalfMade(api, log, made);
    throw thrown;
  }
}

/** The engine attaches a container that does not run to anything, and complains only when it starts. */
async function checkNetworks(api: DockerApi, { name, network, networks }: ContainerPlan): Promise<void> {
  for (const each of [network, ...networks]) {
    if (await hasNetwork(api, each)) continue;
    throw new RetryableError('NETWORK_MISSING', `container ${name} belongs on network ${each}, which the engine does not have`, {
      details: { network: each },
    });
  }
}

/** Resolves to the new container's id, or to null when the name is taken. */
async function make(api: DockerApi, plan: ContainerPlan): Promise<string | null> {
  const call = {
    what: `create container ${plan.name}`,
    method: 'POST',
    path: '/containers/create',
    query: { name: plan.name },
    body: createBody(plan),
    timeoutMs: createTimeoutMs,
  } as const;
  try {
    const made = await unlessStatus(api.send(call, z.object({ Id: z.string() })), { statuses: [409], instead: null });
    return made?.Id ?? null;
  } catch (thrown) {
    throw sealedError(thrown, plan);
  }
}

async function adopt(api: DockerApi, plan: ContainerPlan): Promise<InspectedContainer> {
  const present = await inspectPresent(api, { id: plan.name, what: `take over container ${plan.name}` });
  if (isSameWork(labelsOf(present), plan.labels)) return present;
  throw new TerminalError(
    'NAME_TAKEN',
    `the name ${plan.name} belongs to container ${shortId(present.Id)}, which this rollout did not make; remove or rename that container`,
    { details: { name: plan.name, container: present.Id } },
  );
}

async function attachMissing(api: DockerApi, plan: ContainerPlan, container: InspectedContainer): Promise<InspectedContainer> {
  const missing = plan.networks.filter((network) => !endpointOn(container, network));
  for (const network of missing)
    await attach(api, { id: container.Id, network, what: `attach container ${plan.name} to network ${network}` });
  return missing.length === 0 ? container : await inspectPresent(api, { id: container.Id, what: `create container ${plan.name}` });
}

/** The first error tells what happened; one of the clean-up is only logged. What stays behind is adopted by the next attempt. */
async function removeHalfMade(api: DockerApi, log: Logger, id: string): Promise<void> {
  try {
    if (await inspectContainer(api, id)) {
      const call = {
        what: `remove container ${shortId(id)}`,
        method: 'DELETE',
        path: `/containers/${id}`,
        query: { v: true, force: true },
      } as const;
      await unlessStatus(api.send(call, anyAnswer), { statuses: [404, 409], instead: null });
    }
  } catch (thrown) {
    log.warn({ container: id, err: thrown }, 'half-made container not removed');
  }
}

/** The same error with a message that is fit for people and logs. */
function sealedError(thrown: unknown, plan: ContainerPlan): unknown {
  if (!(thrown instanceof KedgeError)) return thrown;
  const message = withoutSecrets(thrown.message, plan);
  const details = JSON.parse(withoutSecrets(JSON.stringify(thrown.details), plan));
  return thrown instanceof RetryableError
    ? new RetryableError(thrown.code, message, { details })
    : new TerminalError(thrown.code, message, { details });
}
