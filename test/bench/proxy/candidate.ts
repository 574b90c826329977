import type { ChildProcess } from 'node:child_process';

/** What a candidate is to do: pass everything for each of `hosts` on to `upstream`. */
export interface Task {
  readonly hosts: readonly string[];
  /** Port of the upstream on 127.0.0.1. */
  readonly upstream: number;
  /** Certificate and key of `localhost`, in files. */
  readonly certificate: string;
  readonly key: string;
  /** Of its own, empty. */
  readonly folder: string;
  /** Where it is to listen, on 127.0.0.1. */
  readonly plainPort: number;
  readonly tlsPort: number;
}

/** A reverse proxy that can be measured. One process serves, as far as it lets that be chosen. */
export interface Candidate {
  readonly name: string;
  /** What tells that it is there, and its version; null when it is not installed. */
  version(): Promise<string | null>;
  start(task: Task): Promise<ChildProcess>;
}
