import type { DeclaredService } from './declared-service.ts';
import { quoted, taintAt } from './template-file.ts';

type Service = Pick<DeclaredService, 'file' | 'part'>;

/** The name of a service in quotes; one that came from a variable is not told. */
export function shownName({ file, part }: Service): string {
  return quoted(file, { pointer: ['service', 'name'], value: part.service?.name ?? '' });
}

/** Whether it has a name, and no variable has a part in it. */
export function isNamedOpenly({ file, part }: Service): boolean {
  return part.service?.name !== undefined && taintAt(file, ['service', 'name']) === null;
}

/** Which service, for people: its name, if it may be told, and its file. */
export function describeService(service: Service): string {
  return isNamedOpenly(service) ? `${shownName(service)} (${service.file.path})` : `the service of ${service.file.path}`;
}
