import { hash } from 'node:crypto';
import type { Target } from '@kedge/shared/contracts';

/** A cookie by which clients stay with their targets. */
export interface StickyCookie {
  readonly name: string;
  /** What it says of each target, by its id. */
  readonly values: ReadonlyMap<string, string>;
}

/** The cookie of that name for these targets. */
export function stickyCookie(name: string, targets: readonly Pick<Target, 'release' | 'id'>[]): StickyCookie {
  return { name, values: new Map(targets.map((target) => [target.id, cookieFor(target)])) };
}

/** The name of the cookie of a service that names none. */
export function cookieOf(service: string): string {
  return `kedge-${short(service)}`;
}

/** The header that sets it: for the whole host, for this session, and for no script. */
export function setCookie(name: string, value: string, isHttps: boolean): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
}

/** Whether two values are of one release. */
export function isSameRelease(one: string, other: string): boolean {
  return releasePart(one) === releasePart(other);
}

function releasePart(value: string): string {
  return value.slice(0, value.indexOf('.'));
}

/** `<release>.<target>`, neither of which can be read from it. The same in every proxy. */
function cookieFor({ release, id }: Pick<Target, 'release' | 'id'>): string {
  return `${short(release)}.${short(`${release} ${id}`)}`;
}

function short(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 8);
}
