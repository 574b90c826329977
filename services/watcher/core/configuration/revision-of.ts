import { createHash } from 'node:crypto';
import type { ConfigManifest } from '@kedge/shared/contracts';
import { canonicalJson } from '@kedge/shared/kernel';

type Content = Pick<ConfigManifest, 'entry' | 'delay' | 'services' | 'networks' | 'proxy'> & {
  /** Folders by service name. */
  readonly paths: Readonly<Record<string, string>>;
};

/** As `hashJson` would make it. The two records hold a text of every service, and a general writer of JSON is slow with so many. */
export function revisionOf({ services, paths, ...rest }: Content): string {
  const parts = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [[key, canonicalJson(value)] as const]));
  return createHash('sha256')
    .update(recordOf([...parts, ['paths', textsOf(paths)], ['services', textsOf(services)]]))
    .digest('hex');
}

function textsOf(texts: Readonly<Record<string, string>>): string {
  return recordOf(Object.entries(texts).map(([key, text]) => [key, JSON.stringify(text)] as const));
}

/** Canonical JSON has its keys in the order of their UTF-16 units, and so has `<`. */
function recordOf(parts: readonly (readonly [string, string])[]): string {
  const sorted = parts.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${sorted.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}
