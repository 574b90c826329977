import { nearest } from '@kedge/shared/kernel';

/** Where the value of a variable lies when the vars file does not have it. */
export interface SecretSource {
  readonly source: 'google';
  /** `projects/…/secrets/…`. */
  readonly name: string;
  readonly version: string;
}

/** Where a value lies, or what is wrong with the table that should say so. */
export type SourceReading =
  | { readonly ok: true; readonly source: SecretSource }
  | { readonly ok: false; readonly message: string; readonly nearest?: string };

const keys = ['source', 'name', 'version'];
const resourceName = /^projects\/[^/\s]+\/secrets\/[A-Za-z0-9_-]+$/;
const form = '{ source = "google", name = "projects/PROJECT/secrets/NAME" }';

/** Reads the table in the place of a variable's text; null when it is no such table. Never quotes what stands there, but for a key. */
export function readSecretSource(value: unknown): SourceReading | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, 'source')) return null;
  const table: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const [source, name, version = 'latest'] = keys.map((key) => table.get(key));
  const unknown = [...table.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const candidate = nearest(unknown, keys);
    return {
      ok: false,
      message: `a secret source has no key of that name; it is ${form}`,
      ...(candidate === null ? {} : { nearest: candidate }),
    };
  }
  if (source !== 'google') return { ok: false, message: `this secret source is not known; it is ${form}` };
  if (typeof name !== 'string' || !resourceName.test(name)) {
    return { ok: false, message: `a secret source needs the full name of the secret, without its version: ${form}` };
  }
  if (typeof version !== 'string' || !/^(latest|[1-9]\d*|[A-Za-z][\w-]*)$/.test(version)) {
    return { ok: false, message: 'the version of a secret is text, such as "2" or "latest"' };
  }
  return { ok: true, source: { source, name, version } };
}
