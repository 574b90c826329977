import { ownContainerId } from '@kedge/shared/service';
import { z } from 'zod';
import type { OwnProject, ProjectContainer } from '../ports.ts';
import { createDockerApi } from './docker-api.ts';
import { inspectContainer } from './docker-inspect.ts';
import { labelsOf } from './docker-inspected.ts';

/** Labels that Docker Compose gives its containers (`pkg/api/labels.go` there). */
const composeLabels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  replace: 'com.docker.compose.replace',
} as const;

const ContainerList = z.array(
  z.object({ Id: z.string(), State: z.string(), Created: z.number(), Labels: z.record(z.string(), z.string()).nullish() }),
);

/** The Compose project of the container that this process runs in, or of the one with id `own`. */
export function createComposeProject({
  socketPath = '/var/run/docker.sock',
  own = ownContainerId(),
}: {
  readonly socketPath?: string;
  readonly own?: string | null;
}): OwnProject {
  const api = createDockerApi({ socketPath });
  let known: string | null | undefined;

  async function ownProject(): Promise<string | null> {
    const container = own === null ? null : await inspectContainer(api, own);
    return (container && labelsOf(container)[composeLabels.project]) ?? null;
  }

  return {
    async containers() {
      known ??= await ownProject();
      if (known === null) return null;
      const query = { all: true, filters: { label: [`${composeLabels.project}=${known}`] } };
      const found = await api.send({ what: 'list our own project', method: 'GET', path: '/containers/json', query }, ContainerList);
      return found.map(({ Id, State, Created, Labels }): ProjectContainer => {
        const {
          [composeLabels.service]: service = '',
          [composeLabels.number]: number = '',
          [composeLabels.replace]: replace,
        } = Labels ?? {};
        return { id: Id, state: State, service, number, replaces: replace !== undefined, createdAt: new Date(Created * 1_000) };
      });
    },
  };
}
