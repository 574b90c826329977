import { createHash } from 'node:crypto';
import type { ConfigManifest, ServiceEntry } from '@kedge/shared/contracts';
import { canonicalJson } from '@kedge/shared/kernel';

/** What the revision says of one service, as members of JSON objects: made once for as long as neither changes. */
export interface RevisionLines {
  readonly name: string;
  readonly path: string;
  readonly hash: string;
}

type Content = Pick<ConfigManifest, 'entry' | 'delay' | 'networks' | 'proxy'> & {
  /** No name twice; in any order, and fastest by name. */
  readonly lines: readonly RevisionLines[];
};

/** The lines of one service of this name. */
export function revisionLines(name: string, { path, hash }: Pick<ServiceEntry, 'path' | 'hash'>): RevisionLines {
  const key = JSON.stringify(name);
  return { name, path: `${key}:${JSON.stringify(path)}`, hash: `${key}:${JSON.stringify(hash)}` };
}

/** As `hashJson` would make it of the head with `paths` and `services`, folders and hashes by name. Of thousands of services most lines are there. */
export function revisionOf({ lines, ...head }: Content): string {
  const sorted = lines.toSorted(byName);
  const parts = Object.entries(head).flatMap(([name, value]) => (value === undefined ? [] : [{ name, json: canonicalJson(value) }]));
  const records = [
    { name: 'paths', json: `{${sorted.map(({ path }) => path).join(',')}}` },
    { name: 'services', json: `{${sorted.map(({ hash }) => hash).join(',')}}` },
  ];
  const members = [...parts, ...records].toSorted(byName).map(({ name, json }) => `${JSON.stringify(name)}:${json}`);
  return createHash('sha256')
    .update(`{${members.join(',')}}`)
    .digest('hex');
}

/** Canonical JSON has its keys in the order of their UTF-16 units, and so has `<`. */
function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}
