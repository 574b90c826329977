import type { SecretSource } from './secret-source.ts';

/** What a secret source said. That it could not be asked is an error, and no answer. */
export type SecretAnswer =
  | { readonly ok: true; readonly value: string }
  /** What whoever declared the variable has to mend: there is no such secret, or nobody may read it. Never a value. */
  | { readonly ok: false; readonly reason: string };

/** Where values lie that no file has. */
export interface SecretStore {
  /** May be asked often, and for the same at once. Rejects with a RetryableError while nobody can tell. */
  access(source: SecretSource): Promise<SecretAnswer>;
}

/** What answers are known by: the same secret may be declared in several places. */
export function sourceKey({ source, name, version }: SecretSource): string {
  return `${source}:${name}/versions/${version}`;
}
