import type { StatusReply } from '@kedge/shared/contracts';
import type { Examine } from '@kedge/shared/service';
import { examineEngine } from './core/examination.ts';
import type { ContainerEngine, DiskSpace } from './ports.ts';

interface ExaminePorts {
  readonly engine: Pick<ContainerEngine, 'info' | 'apiVersion'>;
  readonly status: (request: Record<string, never>) => Promise<StatusReply>;
  readonly isActive: () => boolean;
  /** Why the bus takes no writes, so that nobody can become the one that acts; null when it does. */
  readonly busProblem: () => string | null;
  readonly diskSpace: () => Promise<DiskSpace>;
}

/** Makes what `kedge doctor` is told of the engine and of services that wait. */
export function createExamineReconciler({ engine, status, isActive, busProblem, diskSpace }: ExaminePorts): Examine {
  return async () => {
    const [info, apiVersion, disk, { services }] = await Promise.all([engine.info(), engine.apiVersion(), diskSpace(), status({})]);
    return examineEngine({ engine: { ...info, apiVersion }, disk, isActive: isActive(), busProblem: busProblem(), services });
  };
}
