import { type ConfigManifest, type Found, type ImageEntry, type ImageReference, parseImageReference } from '@kedge/shared/contracts';
import { counted, nameList } from '@kedge/shared/kernel';
import type { DeclaredImage } from './images/declared-images.ts';

interface Watched {
  /** Null when there never was a valid configuration. */
  readonly manifest: ConfigManifest | null;
  /** What was rejected last while there was none. */
  readonly rejection: ConfigManifest | null;
  readonly declared: readonly Pick<DeclaredImage, 'reference' | 'expected'>[];
  readonly entries: ReadonlyMap<ImageReference, ImageEntry>;
  /** Of the file that names further authorities; null when there is none. */
  readonly authorities: { readonly certificates: number } | null;
}

/** What the watcher tells `kedge doctor`: the configuration, then each registry. */
export function examineWatched({ manifest, rejection, declared, entries, authorities }: Watched): Found[] {
  const registries = Map.groupBy(declared, ({ reference }) => parseImageReference(reference).registry);
  return [
    examineConfiguration(manifest, rejection),
    ...(authorities ? [examineAuthorities(authorities)] : []),
    ...[...registries].toSorted(([one], [other]) => (one < other ? -1 : 1)).map((each) => examineRegistry(each, entries)),
  ];
}

function examineConfiguration(manifest: ConfigManifest | null, rejection: ConfigManifest | null): Found {
  const what = 'configuration';
  if (!manifest && rejection?.rejected) return examineRejected(rejection.rejected, 'nothing is in force yet');
  if (!manifest) return { what, state: 'warning', message: 'there is none yet', advice: '"kedge validate" says what is missing' };
  const { held, rejected, revision, services } = manifest;
  if (rejected) return examineRejected(rejected, 'the one before stays in force');
  if (held) {
    const message = `held since ${held.since}, because it removes ${nameList(held.removes)}`;
    return { what, state: 'warning', message, advice: '"kedge apply" shows it and asks; putting the files back undoes it' };
  }
  const count = counted(Object.keys(services).length, 'service');
  return { what, state: 'fine', message: `revision ${revision.slice(0, 12)} is in force, with ${count}` };
}

function examineAuthorities({ certificates }: NonNullable<Watched['authorities']>): Found {
  const what = 'authorities';
  if (certificates > 0)
    return { what, state: 'fine', message: `${certificates} ${certificates === 1 ? 'is' : 'are'} trusted beside the public ones` };
  const advice = 'let KEDGE_AUTHORITIES name a file of certificates in PEM form, then "docker compose up -d --force-recreate watcher"';
  return { what, state: 'failed', message: 'the file that KEDGE_AUTHORITIES names holds no certificate', advice };
}

function examineRejected({ problems: [first], since }: NonNullable<ConfigManifest['rejected']>, meanwhile: string): Found {
  const place = first ? `${first.file}:${first.line}:${first.column}: ${first.message}` : 'it cannot be read';
  const message = `rejected since ${since}, ${meanwhile}: ${place}`;
  return { what: 'configuration', state: 'failed', message, advice: 'mend the file; "kedge validate" shows every problem' };
}

function examineRegistry([registry, images]: readonly [string, Watched['declared']], entries: Watched['entries']): Found {
  const what = `registry ${registry}`;
  const [local, asked] = [
    images.filter((image) => isLeftToEngine(image, entries)),
    images.filter((image) => !isLeftToEngine(image, entries)),
  ];
  const known = asked.map(({ reference }) => entries.get(reference)).filter((entry) => entry !== undefined);
  const away = known.find(({ state }) => state === 'unreachable');
  if (away) {
    return { what, state: 'failed', message: describeTrouble(away), advice: adviceInTrouble };
  }
  const absent = known.filter(({ state }) => state === 'absent').map(({ reference }) => reference);
  if (absent.length > 0) {
    return {
      what,
      state: 'warning',
      message: `it has no ${nameList(absent)}`,
      advice: 'push the image, or correct its name in service.toml',
    };
  }
  const waiting = asked.length - known.length;
  if (waiting > 0) {
    const message = `${counted(waiting, 'image')} ${waiting === 1 ? 'was' : 'were'} not asked for yet`;
    return { what, state: 'warning', message, advice: 'wait a minute' };
  }
  const unasked = local.map(({ reference }) => entries.get(reference)).find((entry) => entry?.state === 'unreachable');
  if (unasked) {
    const message = `${describeTrouble(unasked)}; ${unasked.reference} is left to the engine's own images meanwhile`;
    return { what, state: 'warning', message, advice: adviceInTrouble };
  }
  const answers = asked.length > 0 ? [`it answers for ${counted(asked.length, 'image')}`] : [];
  const silence =
    local.length > 0 ? [`it tells nothing of ${nameList(local.map(({ reference }) => reference))}, left to the engine's own images`] : [];
  return { what, state: 'fine', message: [...answers, ...silence].join('; ') };
}

const adviceInTrouble = 'look at its address, its certificate and the login ("docker login"); what runs keeps running';

function describeTrouble({ reference, trouble }: ImageEntry): string {
  return trouble ? `${trouble.message} (${trouble.code}), since ${trouble.since}` : `it does not answer for ${reference}`;
}

/** Nothing is expected, and no registry ever told of it: the engine has it by itself, or the service waits for it and says so. */
function isLeftToEngine({ reference, expected }: Watched['declared'][number], entries: Watched['entries']): boolean {
  const entry = entries.get(reference);
  return !expected && entry !== undefined && entry.state !== 'present' && entry.accepted === null;
}
