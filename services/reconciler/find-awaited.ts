import type { ServiceSpec } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import { type Awaited, awaitedOf } from './core/awaited.ts';
import { listeningStep } from './core/decide-rollout.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';

interface AwaitedContainer {
  /** What its release was declared with. */
  readonly spec: ServiceSpec;
  readonly container: ObservedContainer;
  /** Of the rollout that it belongs to. */
  readonly step: string;
}

/** What a new container is waited for; null when nobody can tell: it is told beside what happens, and never in the way of that. */
export type FindAwaited = (asked: AwaitedContainer) => Promise<Awaited | null>;

/** Asks the engine for the ports that the image exposes. */
export function createAwaitedFinder({ engine }: { readonly engine: Pick<ContainerEngine, 'image'> }): FindAwaited {
  return async function find({ spec, container, step }) {
    const { imageId, health, startedAt } = container;
    try {
      const exposed = (await engine.image(imageId))?.exposed ?? [];
      return awaitedOf({ spec, container: { exposed, health }, startedAt, mustListen: step === listeningStep });
    } catch (thrown) {
      if (!(thrown instanceof KedgeError)) throw thrown;
      return null;
    }
  };
}
