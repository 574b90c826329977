import { hash } from 'node:crypto';
import type { Target } from '@kedge/shared/contracts';

const known = new Map<string, string>();
/** More than a machine has. */
const mostKnown = 10_000;

/** What a cookie says of a target: `<release>.<target>`, neither of which can be read from it. The same in every proxy. */
export function stickyValue({ release, id }: Pick<Target, 'release' | 'id'>): string {
  const key = `${release} ${id}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= mostKnown) known.clear();
  const value = `${short(release)}.${short(key)}`;
  known.set(key, value);
  return value;
}

/** The cookie that makes a client stay: for the whole host, for this session, and for no script. */
export function stickyCookie(name: string, target: Pick<Target, 'release' | 'id'>, isHttps: boolean): string {
  return `${name}=${stickyValue(target)}; Path=/; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
}

function short(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 8);
}
