import type { RenderReply } from '@kedge/shared/contracts';
import type { FolderReading } from './folder/folder-reading.ts';

/** Where the user's files lie. */
export interface ConfigurationFolder {
  /** Absolute path, as this process sees it. */
  readonly path: string;
  /** What its user calls it, for messages. */
  readonly name: string;
  /** One look at the main file, the files of the given service folders, and the marks of variable files and env files. Never rejects. */
  look(serviceFolders: readonly string[], envFiles?: readonly string[]): Promise<FolderReading>;
  /** Before somebody is answered who asks for what is there now: the looks of the next minute do without hints of what changed. */
  doubt(): void;
  /** The text of a variable file or env file, only to count its lines up to a problem; null when it cannot be read. */
  variablesText(path: string): Promise<string | null>;
}

/** A template. */
export interface FileToRender {
  /** Relative to the configuration folder. */
  readonly path: string;
  readonly text: string;
  /** What messages call it, where a variable made its path; no matter to whoever fills it in. */
  readonly shownAs?: string;
}

/** Fills in the variables of templates. The answer holds values in the open: it is parsed and dropped. */
export interface Renderer {
  /**
   * Rejects with a retryable error when nobody answers, or when variables changed between two parts of one answer. The answer has
   * `envFiles` when some were asked for.
   */
  render(files: readonly FileToRender[], envFiles?: readonly string[]): Promise<RenderReply>;
}

/** A file of the configuration folder, as it is on disk at this moment. */
export interface TextFile {
  /** Relative to the configuration folder. */
  readonly path: string;
  /** Null when it is there but cannot be read as UTF-8 text; `trouble` then says why, without any content. */
  readonly text: string | null;
  readonly trouble?: string;
  /** True when all else goes on as if it were not there: a warning, and no problem. */
  readonly isPassedOver?: boolean;
}

/** The configuration folder as whoever renders it reads it. No text is remembered: every call reads the files that are there. */
export interface TemplateFolder {
  /** `dispenser.vars` first when there is one, then `*.dispenser.vars` sorted by name; links are followed. */
  readVariableFiles(): Promise<readonly TextFile[]>;
  /** Resolves to null when there is no such file. Rejects with SECRET_REF_INVALID for a path that leaves the folder. */
  read(path: string): Promise<TextFile | null>;
  /** As `read`, for an `env_file`; a variable file is none. */
  readEnvFile(path: string): Promise<TextFile | null>;
}
