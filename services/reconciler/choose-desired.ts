import { type ImageEntry, type ReleaseName, type ReleaseRecord, releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import { chooseImage, type ImageChoice } from './core/choose-image.ts';
import type { ContainerEngine } from './ports.ts';

interface Known {
  readonly spec: ServiceSpec;
  readonly record: ReleaseRecord | null;
  /** What the watcher knows of the declared image; null before it looked. */
  readonly entry: ImageEntry | null;
  /** The engine answered a moment ago; else it is not asked. */
  readonly isEngineThere: boolean;
}

/** The release that is wanted now, as far as that can be told; `unresolved`: why it cannot, while something else serves, in a sentence. */
export interface DesiredNow {
  readonly release: ReleaseName | null;
  readonly unresolved: string | null;
}

/** For the status: an engine that does not answer is no error, and nothing is said then that only it could know. */
export type ChooseDesired = (known: Known) => Promise<DesiredNow>;

/** Asks the engine only where another image serves than the declared one, which no registry is known to have. */
export function createDesiredChooser({ engine }: { readonly engine: Pick<ContainerEngine, 'image'> }): ChooseDesired {
  async function choiceOf({ spec, record, entry, isEngineThere }: Known): Promise<ImageChoice | null> {
    const given = { spec, entry, pinned: record?.pinned, serving: record?.serving ?? null };
    const choice = chooseImage({ ...given, local: null });
    if (choice.kind === 'chosen' || !record?.serving || !entry) return choice;
    if (!isEngineThere) return null;
    try {
      const local = await engine.image(spec.service.image);
      return local ? chooseImage({ ...given, local: local.id }) : choice;
    } catch (thrown) {
      if (thrown instanceof KedgeError) return null;
      throw thrown;
    }
  }

  return async function choose(known) {
    const choice = await choiceOf(known);
    if (choice?.kind === 'chosen') return { release: releaseName(known.spec, choice.digest), unresolved: null };
    return { release: null, unresolved: choice && known.record?.serving ? choice.message : null };
  };
}
