import { type ServiceStatus, shortDigest } from '@kedge/shared/contracts';

type Release = Pick<ServiceStatus['barred'][number], 'release' | 'digest'>;
type Shown = Pick<ServiceStatus, 'service' | 'release' | 'digest'>;

/** The image of that release is well in another one: no better image helps, the fault is in what is declared. */
export function isOfConfiguration({ release, digest }: Release, shown: Shown | null): boolean {
  return shown !== null && shown.digest === digest && shown.release !== release;
}

/** What is barred, and why. */
export function barredWords(bar: ServiceStatus['barred'][number], shown: Shown): string {
  const digest = shortDigest(bar.digest);
  const what = isOfConfiguration(bar, shown) ? `its new configuration is barred (the image is the same, ${digest})` : `${digest} is barred`;
  return `${what}: ${bar.message}`;
}

/** What a person can do about it: the beginning of a sentence. */
export function barCure({ ofConfiguration, service }: { readonly ofConfiguration: boolean; readonly service: string }): string {
  return ofConfiguration
    ? `mend its service.toml and what that names, or "kedge clear ${service}" to try it again as it is`
    : `push a better image, or "kedge clear ${service}" to try this one again`;
}
