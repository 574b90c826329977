import type { ConfigProblem, ServiceSpec } from '@kedge/shared/contracts';
import type { ServiceFile, ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { volumeSource } from './volume-source.ts';

interface VolumesToPlace {
  /** Absent also when something is wrong with the file. */
  readonly volume: ServiceFile['volume'];
  readonly part: ServicePart;
  readonly file: TomlFile;
  readonly folder: string;
}

/** The volumes with the places that their sources mean, and what is wrong with the sources. */
export function placeVolumes({ volume, part, file, folder }: VolumesToPlace): {
  readonly volume: ServiceSpec['volume'];
  readonly problems: readonly ConfigProblem[];
} {
  const problems = (part.volume ?? []).flatMap((each, index) => {
    const place = each?.source === undefined ? null : volumeSource(each.source, folder);
    return !place || place.ok ? [] : [problemAt(file, { pointer: ['volume', index, 'source'], message: place.message })];
  });
  const placed = volume?.map((each) => {
    const place = volumeSource(each.source, folder);
    return place.ok ? { ...each, source: place.source } : each;
  });
  return { volume: placed, problems };
}
