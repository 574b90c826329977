import type { DockerConfig } from './core/registry-auth.ts';

/** Docker's `config.json`. Read afresh at every call. */
export interface DockerConfigSource {
  /** Resolves to null when there is none, or none that can be used (which it logs, without any content). */
  read(): Promise<DockerConfig | null>;
}

/** What a registry wants to hear. A username `<token>` marks an identity token, as Docker's helpers do. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** What proves to Google who asks. */
export interface AccessTokens {
  /** A token that holds for a while. Rejects with a RetryableError when there are no credentials, or nobody takes them. */
  get(): Promise<string>;
  /** It was refused: the next `get` brings another. */
  forget(token: string): void;
}

/** The programs `docker-credential-<name>`. */
export interface CredentialHelpers {
  /** Resolves to null when the helper knows no login for `server`, is not installed, fails, or needs longer than 10 s. */
  get(helper: string, server: string): Promise<RegistryCredentials | null>;
}
