import type { Bus, Entry } from '@kedge/shared/bus';
import { ImageEntry, type ImageReference, imageKey } from '@kedge/shared/contracts';

/** More entries than this are read together with all the others. */
const mostSingleReads = 20;

interface Question {
  /** Everything is read, also of images that nobody declares. */
  readonly afresh: boolean;
  readonly declared: Iterable<ImageReference>;
  /** What is remembered of these is not trusted: they may have been looked at by somebody else. */
  readonly doubtful: readonly ImageReference[];
}

export type KnownImages = ReadonlyMap<ImageReference, Entry<ImageEntry>>;

/** A reader that remembers. */
export interface KnownImagesReader {
  read(question: Question): Promise<KnownImages>;
  /** What was deleted is not known any more. */
  forget(reference: ImageReference): void;
}

/**
 * Makes a reader of what is known of images. It remembers: unless everything is read `afresh`, it reads of those that are declared what it does
 * not know as accepted, and what is doubtful. What it remembers may be older than what is stored.
 */
export function createKnownImagesReader(bus: Pick<Bus, 'bucket'>): KnownImagesReader {
  const images = bus.bucket('images', ImageEntry);
  let known: KnownImages = new Map();

  async function readAll(): Promise<KnownImages> {
    return new Map([...(await images.readEverything()).values()].map((entry) => [entry.value.reference, entry]));
  }

  async function read({ afresh, declared, doubtful }: Question): Promise<KnownImages> {
    const wanted = [...new Set([...doubtful, ...declared])].filter(
      (reference) => !known.get(reference)?.value.accepted || doubtful.includes(reference),
    );
    if (afresh || wanted.length > mostSingleReads) known = await readAll();
    else {
      const read = await Promise.all(wanted.map(async (reference) => [reference, await images.get(imageKey(reference))] as const));
      known = new Map([...new Map([...known, ...read])].flatMap(([reference, entry]) => (entry ? [[reference, entry] as const] : [])));
    }
    return known;
  }

  return {
    read,
    forget(reference) {
      known = new Map([...known].filter(([each]) => each !== reference));
    },
  };
}
