import type { Logger } from '@kedge/shared/service';
import { z } from 'zod';
import type { ContainerEngine } from '../ports.ts';
import { setAliases } from './docker-aliases.ts';
import { createDockerApi } from './docker-api.ts';
import {
  listContainers,
  removeContainer,
  removeForeignContainer,
  renameContainer,
  startContainer,
  stopContainer,
  waitForExit,
} from './docker-containers.ts';
import { createContainer } from './docker-create.ts';
import { ensureNetwork, listNetworks, removeNetwork } from './docker-declared-networks.ts';
import { followEvents } from './docker-events.ts';
import { thaw, thawOwed } from './docker-freezer.ts';
import { givenSecrets } from './docker-given.ts';
import { listPublished, listWritable } from './docker-held.ts';
import { findImage, pullImage } from './docker-images.ts';
import { inspectContainer, inspectPresent, shortId } from './docker-inspect.ts';
import { observe } from './docker-inspected.ts';
import { readLogs } from './docker-logs.ts';
import { ensureDefaultNetwork } from './docker-networks.ts';
import { remakeNetwork } from './docker-remake-network.ts';
import { unseenSources } from './docker-sources.ts';
import { platformOf } from './engine-platform.ts';
import { hostPathOfOwnMount, sharesHostNetwork } from './own-container.ts';

const EngineInfo = z.object({ ID: z.string().min(1), ServerVersion: z.string(), OSType: z.string(), Architecture: z.string() });
const EngineVersion = z.object({ ApiVersion: z.string().regex(/^\d+\.\d+$/) });

/** The container engine behind Docker's API; whatever speaks it on `socketPath` will do. */
export function createDockerEngine({
  socketPath = '/var/run/docker.sock',
  log,
}: {
  readonly socketPath?: string;
  readonly log: Logger;
}): ContainerEngine {
  const api = createDockerApi({ socketPath });
  return {
    async info() {
      const info = await api.send({ what: 'tell about itself', method: 'GET', path: '/info' }, EngineInfo);
      return { id: info.ID, version: info.ServerVersion, platform: platformOf(info) };
    },
    async apiVersion() {
      return (await api.send({ what: 'tell its version', method: 'GET', path: '/version' }, EngineVersion)).ApiVersion;
    },
    async list(node, { names = [], service } = {}) {
      await thawOwed(api);
      return (await listContainers(api, { node, names, service })).map(observe);
    },
    async inspect(id) {
      const inspected = await inspectContainer(api, id);
      return inspected && observe(inspected);
    },
    givenSecrets: (id) => givenSecrets(api, id),
    published: () => listPublished(api),
    writable: () => listWritable(api),
    unseen: (paths, image) => unseenSources(api, { sources: paths, image }),
    image: (reference) => findImage(api, reference),
    pull: (request) => pullImage(api, request),
    create: async (plan) => observe(await createContainer(api, { plan, log })),
    start: (id) => startContainer(api, id),
    stop: (id, graceMs) => stopContainer(api, { id, graceMs }),
    remove: (id, expect) => removeContainer(api, { id, expect }),
    removeForeign: (id) => removeForeignContainer(api, id),
    rename: (id, name) => renameContainer(api, { id, name }),
    setAliases: (id, network) => setAliases(api, { id, ...network }),
    thaw: async (id) => await thaw(api, await inspectPresent(api, { id, what: `thaw container ${shortId(id)}` })),
    logs: (id, options) => readLogs(api, { id, ...options }),
    waitForExit: (id, signal) => waitForExit(api, { id, signal }),
    ensureDefaultNetwork: (name, preferred) => ensureDefaultNetwork(api, { name, preferred, log }),
    networks: () => listNetworks(api),
    ensureNetwork: (plan) => ensureNetwork(api, plan),
    remakeNetwork: (plan, node) => remakeNetwork(api, { plan, node }),
    removeNetwork: (name, node) => removeNetwork(api, { name, node }),
    hostPathOfOwnMount: (destination) => hostPathOfOwnMount(api, destination),
    sharesHostNetwork: () => sharesHostNetwork(api),
    follow: (listener) => followEvents(api, { listener, log }),
  };
}
