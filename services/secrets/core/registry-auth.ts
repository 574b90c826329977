import { Buffer } from 'node:buffer';
import { z } from 'zod';

/** One login of `config.json`; Docker fills in `auth`, people and other tools the rest. */
const DockerAuth = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
type DockerAuth = z.infer<typeof DockerAuth>;

/** What Kedge reads of Docker's `config.json`. */
export const DockerConfig = z.object({
  auths: z.record(z.string(), DockerAuth).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
export type DockerConfig = z.infer<typeof DockerConfig>;

/** One thing to try for a registry; the first that gives credentials wins. */
export type Lookup =
  | { readonly kind: 'helper'; readonly helper: string; readonly servers: readonly string[] }
  | { readonly kind: 'login'; readonly username: string; readonly password: string };

const hubNames = ['docker.io', 'registry-1.docker.io', 'index.docker.io'];
const hubKeys = ['https://index.docker.io/v1/', 'index.docker.io/v1/', 'https://registry-1.docker.io/v2/', ...hubNames];

/** What to try for a registry, in order: its own helper, the logins in the file, the common store. Nothing: anonymous. */
export function planLookups({ auths = {}, credHelpers = {}, credsStore }: DockerConfig, registry: string): Lookup[] {
  const isHub = hubNames.includes(registry);
  const servers = isHub ? [registry, 'https://index.docker.io/v1/'] : [registry];
  const helper = pick(credHelpers, registry);
  const login = loginsOf(auths, registry);
  return [
    ...(helper ? [{ kind: 'helper' as const, helper, servers }] : []),
    ...login,
    ...(credsStore ? [{ kind: 'helper' as const, helper: credsStore, servers }] : []),
  ];
}

function loginsOf(auths: Readonly<Record<string, DockerAuth>>, registry: string): Lookup[] {
  return keysFor(Object.keys(auths), registry).flatMap((key): Lookup[] => {
    const login = loginOf(auths[key] ?? {});
    return login ? [{ kind: 'login', ...login }] : [];
  });
}

function pick(helpers: Readonly<Record<string, string>>, registry: string): string | undefined {
  const [key] = keysFor(Object.keys(helpers), registry);
  return key === undefined ? undefined : helpers[key];
}

/** The keys that mean this registry, best first: as named, with a scheme, Docker Hub's other names, and any address on that host. */
function keysFor(keys: readonly string[], registry: string): string[] {
  const wanted = [registry, `https://${registry}`, ...(hubNames.includes(registry) ? hubKeys : [])];
  const named = wanted.filter((key) => keys.includes(key));
  const onSameHost = keys.filter((key) => hostOf(key) === registry);
  return [...new Set([...named, ...onSameHost])];
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

function loginOf({ auth, username, password, identitytoken }: DockerAuth): { username: string; password: string } | null {
  const decoded = auth === undefined ? null : splitAuth(auth);
  if (decoded?.password) return decoded;
  if (username !== undefined && password) return { username, password };
  return identitytoken ? { username: '<token>', password: identitytoken } : null;
}

/** Base64 of `user:password`; the password may hold further colons. */
function splitAuth(auth: string): { username: string; password: string } | null {
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
