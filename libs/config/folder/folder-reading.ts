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

/** One look at the configuration folder. */
export type FolderReading =
  /** The folder or its main file cannot be read: never the same as an empty configuration. */
  | {
      readonly kind: 'unreadable';
      readonly file: EntryName;
      readonly reason: string;
      readonly at?: { readonly line: number; readonly column: number };
    }
  /** Both names of the main file are there. */
  | { readonly kind: 'ambiguous' }
  | {
      readonly kind: 'read';
      readonly entry: EntryName;
      readonly text: string;
      /** By the folder of the service. */
      readonly services: Readonly<Record<string, FileReading>>;
      /** Changes when a variable file may have changed. */
      readonly variables: string;
      /** By the path of an `env_file` that was looked at: changes when the file may have changed. */
      readonly envFiles?: Readonly<Record<string, string>>;
    };
