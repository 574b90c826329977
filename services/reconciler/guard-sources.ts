import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { hostSourcesOf } from './core/desired-container.ts';
import { missingSource } from './core/judge-sources.ts';
import type { ContainerEngine } from './ports.ts';

interface GuardPorts {
  readonly engine: Pick<ContainerEngine, 'unseen'>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

/**
 * Asked before anything is stopped, made or started: an old release is not given up for a new one whose files are not there. It rejects with
 * RetryableError SOURCE_MISSING.
 */
export type SourceGuard = (spec: ServiceSpec) => Promise<void>;

/** The engine is asked, because only it sees its host; a service without host paths costs no question. */
export function createSourceGuard({ engine, configFolder }: GuardPorts): SourceGuard {
  return async function assertSourcesSeen(spec) {
    if (!spec.volume || spec.volume.length === 0) return;
    const sources = hostSourcesOf(spec, await configFolder());
    if (sources.length === 0) return;
    const { image } = spec.service;
    const unseen = await engine.unseen(
      sources.map(({ path }) => path),
      image,
    );
    const missing = sources.filter(({ path }) => unseen.includes(path));
    if (missing.length === 0) return;
    const told = missing.map(missingSource).filter((problem) => problem !== null);
    if (told.length > 0)
      throw new RetryableError('SOURCE_MISSING', told.join('; '), { details: { sources: missing.map(({ path }) => path) } });
  };
}
