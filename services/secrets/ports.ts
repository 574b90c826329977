import type { DockerConfig } from './core/registry-auth.ts';

/** A file of the configuration folder, as it is on disk at this moment. */
export interface ConfigFile {
  /** Relative to the configuration folder. */
  readonly path: string;
  /** Null when it is there but cannot be read as UTF-8 text; `trouble` then says why, without any content. */
  readonly text: string | null;
  readonly trouble?: string;
}

/** The user's configuration folder. Nothing is remembered: every call reads the disk. */
export interface ConfigFolder {
  /** `dispenser.vars` first when there is one, then `*.dispenser.vars` sorted by name; links are followed. */
  readVariableFiles(): Promise<readonly ConfigFile[]>;
  /** Resolves to null when there is no such file. Rejects with SECRET_REF_INVALID for a path that leaves the folder. */
  read(path: string): Promise<ConfigFile | null>;
}

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

/** The programs `docker-credential-<name>`. */
export interface CredentialHelpers {
  /** Resolves to null when the helper knows no login for `server`, is not installed, fails, or needs longer than 10 s. */
  get(helper: string, server: string): Promise<RegistryCredentials | null>;
}
