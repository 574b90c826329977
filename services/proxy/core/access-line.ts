import type { ProxySettings } from '@kedge/shared/contracts';

/** What of requests is written down. */
export interface AccessPlan {
  /** Of requests that went well, from 0 to 1; of others all. */
  readonly share: number;
  readonly query: 'omit' | 'mask' | 'keep';
  /** Names of parameters whose values are masked, in lower case. */
  readonly masked: ReadonlySet<string>;
}

/** Parts of the names of parameters that often hold secrets. */
const secretNames = ['token', 'secret', 'password', 'passwd', 'signature', 'session', 'credential', 'apikey', 'api_key', 'api-key', 'auth'];
/** The same, where that is the whole name. */
const secretWords: ReadonlySet<string> = new Set(['key', 'sig', 'code', 'pass', 'pwd', 'sid', 'jwt', 'state', 'otp']);

/** One request in a hundred, where nobody says another share. */
const usualShare = 0.01;

/** Null: nothing is. */
export function accessPlanOf({ log = {} }: Pick<ProxySettings, 'log'>): AccessPlan | null {
  const { requests = 'off', sample = usualShare, query = 'omit', mask = [] } = log;
  if (requests !== 'all' && requests !== 'sample') return null;
  const masked = new Set(mask.map((name) => name.toLowerCase()));
  return { share: requests === 'all' ? 1 : sample, query: query === 'mask' || query === 'keep' ? query : 'omit', masked };
}

/** Path and query as they may be written down. */
export function loggedPath(path: string, { query, masked }: Pick<AccessPlan, 'query' | 'masked'>): string {
  const start = path.indexOf('?');
  if (start < 0 || query === 'keep') return path;
  const plain = path.slice(0, start);
  if (query === 'omit') return plain;
  // Some programs take ";" for "&" (HTML 4.01, appendix B.2.2).
  const parameters = path.slice(start + 1).replaceAll(/[^&;]+/g, (parameter) => maskedParameter(parameter, masked));
  return `${plain}?${parameters}`;
}

function maskedParameter(parameter: string, masked: ReadonlySet<string>): string {
  const end = parameter.indexOf('=');
  // What has no name may be a secret by itself.
  if (end < 0) return '***';
  const name = parameter.slice(0, end);
  return isSecret(plainName(name), masked) ? `${name}=***` : parameter;
}

function isSecret(name: string, masked: ReadonlySet<string>): boolean {
  return masked.has(name) || secretWords.has(name) || secretNames.some((part) => name.includes(part));
}

function plainName(name: string): string {
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}
