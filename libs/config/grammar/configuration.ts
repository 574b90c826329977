import type { ConfigProblem, NetworkSpec, ProxySettings, ServiceName, ServiceSpec } from '@kedge/shared/contracts';

/** Names that the main file has unless somebody chose another. */
export const entryNames = ['kedge.toml', 'dispenser.toml'] as const;
/** What the main file is called. */
export type EntryName = string;

/** A whole configuration in which nothing was found wrong. */
export interface Configuration {
  readonly entry: EntryName;
  readonly delay: number;
  readonly networks: readonly NetworkSpec[] | undefined;
  readonly proxy: ProxySettings | undefined;
  readonly services: readonly ConfiguredService[];
  /** Tables of the main file that were checked and are not used. */
  readonly unused: readonly string[];
  /** What is allowed, and dangerous or easily meant otherwise. */
  readonly warnings: readonly ConfigProblem[];
}

/** A service in which nothing was found wrong. */
export interface ConfiguredService {
  readonly name: ServiceName;
  /** Relative to the configuration folder. */
  readonly folder: string;
  readonly spec: ServiceSpec;
}
