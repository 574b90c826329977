import { type ImageEntry, type ReleaseName, type ReleaseRecord, releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import { chooseImage, type ImageChoice } from './core/choose-image.ts';
import type { ContainerEngine, LocalImage } from './ports.ts';

interface Known {
  readonly spec: ServiceSpec;
  readonly record: ReleaseRecord | null;
  /** What the watcher knows of the declared image; null before it looked. */
  readonly entry: ImageEntry | null;
  /** The engine answered a moment ago; else it is not asked. */
  readonly isEngineThere: boolean;
}

/** The release that is wanted now, as far as that can be told. */
export interface DesiredNow {
  readonly release: ReleaseName | null;
  /** Why that cannot be told, while something else serves, in a sentence. */
  readonly unresolved: string | null;
  /** Nothing is expected of the registry: the image is not watched, and the engine has it. */
  readonly isAtHand: boolean;
}

/** For the status: an engine that does not answer is no error, and nothing is said then that only it could know. */
export type ChooseDesired = (known: Known) => Promise<DesiredNow>;

/** Asks the engine only of what no registry is known to have: where another image serves than the declared one, or it is not watched. */
export function createDesiredChooser({ engine }: { readonly engine: Pick<ContainerEngine, 'image'> }): ChooseDesired {
  async function localImage({ spec, isEngineThere }: Known): Promise<LocalImage | 'unknown' | null> {
    if (!isEngineThere) return 'unknown';
    try {
      return await engine.image(spec.service.image);
    } catch (thrown) {
      if (thrown instanceof KedgeError) return 'unknown';
      throw thrown;
    }
  }

  async function isAtHand(known: Known): Promise<boolean> {
    const { spec, record, entry } = known;
    if (spec.dispenser.watch || spec.dispenser.pull === 'always') return false;
    if (record?.serving?.image === spec.service.image) return true;
    if (!entry || entry.state === 'present') return false;
    const local = await localImage(known);
    return local !== null && local !== 'unknown';
  }

  async function choiceOf(known: Known): Promise<ImageChoice | null> {
    const { spec, record, entry } = known;
    const given = { spec, entry, pinned: record?.pinned, serving: record?.serving ?? null };
    const choice = chooseImage({ ...given, local: null });
    if (choice.kind === 'chosen' || !record?.serving || !entry) return choice;
    const local = await localImage(known);
    if (local === 'unknown') return null;
    return local ? chooseImage({ ...given, local: local.id }) : choice;
  }

  return async function choose(known) {
    const [choice, atHand] = await Promise.all([choiceOf(known), isAtHand(known)]);
    if (choice?.kind === 'chosen') return { release: releaseName(known.spec, choice.digest), unresolved: null, isAtHand: atHand };
    return { release: null, unresolved: choice && known.record?.serving ? choice.message : null, isAtHand: atHand };
  };
}
