import type { EntryName } from '../grammar/configuration.ts';

/** One file as it was found. */
export type FileReading =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'unreadable';
      readonly reason: string;
      /** Where in the file, when it lies in a place of it. */
      readonly at?: { readonly line: number; readonly column: number };
    };

/** Files of services, by folder. */
export type ServiceFiles = Readonly<Record<string, FileReading>>;

/** The same folders as before, and only in these another file. */
export interface FileNews {
  readonly since: ServiceFiles;
  readonly folders: readonly string[];
}

/** One look at the configuration folder. */
export type FolderReading =
  /** The folder or its main file cannot be read: never the same as an empty configuration. */
  | {
      readonly kind: 'unreadable';
      readonly file: EntryName;
      /** The folder, as its user calls it, when it is that which cannot be read, or has no main file. */
      readonly missingIn?: string;
      readonly reason: string;
      readonly at?: { readonly line: number; readonly column: number };
    }
  /** Both names of the main file are there. */
  | { readonly kind: 'ambiguous' }
  | {
      readonly kind: 'read';
      readonly entry: EntryName;
      readonly text: string;
      /** The very same value as before when no file says anything else. */
      readonly services: ServiceFiles;
      /** How the services came to be these, for whoever knows what they were; absent when nobody can tell. */
      readonly news?: FileNews;
      /** Changes when a variable file may have changed. */
      readonly variables: string;
      /** By the path of an `env_file` that was looked at: changes when the file may have changed. */
      readonly envFiles?: Readonly<Record<string, string>>;
    };
