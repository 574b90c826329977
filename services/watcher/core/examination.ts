import { type ConfigManifest, type Found, type ImageEntry, type ImageReference, parseImageReference } from '@kedge/shared/contracts';

interface Watched {
  /** Null when there never was a valid configuration. */
  readonly manifest: ConfigManifest | null;
  /** What was rejected last while there was none. */
  readonly rejection: ConfigManifest | null;
  readonly declared: readonly ImageReference[];
  readonly entries: ReadonlyMap<ImageReference, ImageEntry>;
  /** Of the file that names further authorities; null when there is none. */
  readonly authorities: { readonly certificates: number } | null;
}

/** What the watcher tells `kedge doctor`: the configuration, then each registry. */
export function examineWatched({ manifest, rejection, declared, entries, authorities }: Watched): Found[] {
  const registries = Map.groupBy(declared, (reference) => parseImageReference(reference).registry);
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
    const message = `held since ${held.since}, because it removes ${held.removes.join(', ')}`;
    return { what, state: 'warning', message, advice: '"kedge apply --yes" agrees; putting the files back undoes it' };
  }
  const count = Object.keys(services).length;
  return {
    what,
    state: 'fine',
    message: `revision ${revision.slice(0, 12)} is in force, with ${count} ${count === 1 ? 'service' : 'services'}`,
  };
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

function examineRegistry([registry, references]: readonly [string, readonly ImageReference[]], entries: Watched['entries']): Found {
  const what = `registry ${registry}`;
  const known = references.map((reference) => entries.get(reference)).filter((entry) => entry !== undefined);
  const away = known.find(({ state }) => state === 'unreachable');
  if (away) {
    const reason = away.trouble
      ? `${away.trouble.message} (${away.trouble.code}), since ${away.trouble.since}`
      : `it does not answer for ${away.reference}`;
    const advice = 'look at its address, its certificate and the login ("docker login"); what runs keeps running';
    return { what, state: 'failed', message: reason, advice };
  }
  const absent = known.filter(({ state }) => state === 'absent').map(({ reference }) => reference);
  if (absent.length > 0) {
    return {
      what,
      state: 'warning',
      message: `it has no ${absent.join(', ')}`,
      advice: 'push the image, or correct its name in service.toml',
    };
  }
  const waiting = references.length - known.length;
  if (waiting > 0) return { what, state: 'warning', message: `${waiting} images were not asked for yet`, advice: 'wait a minute' };
  return { what, state: 'fine', message: `it answers for ${references.length} images` };
}
