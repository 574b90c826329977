import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Bus, OwnedBus } from '../bus/index.ts';
import type { Identity } from '../contracts/index.ts';
import type { Closable } from '../kernel/index.ts';
import type { Examination, Examine } from './examination.ts';
import type { ServiceConfig } from './service-config.ts';

export type { Logger } from 'pino';
export type { Examine, Passes } from './examination.ts';

/** What every component gets from its front door. */
export interface ServiceContext {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly config: ServiceConfig;
  /** Aborted when the component is asked to stop. */
  readonly signal: AbortSignal;
  /** Reports whether a part is ready, for `/readyz`; a part that never reported counts as not ready. */
  readonly ready: (part: string, state: boolean | string) => void;
  /** Everything was looked at, and the look came to its end; `kedge doctor` tells how long ago. */
  readonly passed: () => void;
  /** In the place of `passed`, for a component with a look of its own at each service; see `createPassAges`. */
  readonly tellPasses: Examination['tellPasses'];
  /** Adds something that is looked at when `kedge doctor` asks. */
  readonly examine: (look: Examine) => void;
  /** How a durable consumer of this component stands; never rejects. */
  readonly durable: OwnedBus['durable'];
}

/** What a component is: parts that start in order and close in reverse. */
export interface ServiceDefinition {
  readonly identity: Identity;
  /** Names of the parts that must be ready before `/readyz` says yes. */
  readonly parts: readonly string[];
  /** False: `start` runs at once and the bus connects in the background, for a component that serves without it. Default true. */
  readonly waitForBus?: boolean;
  /** All parts together have this long to close, in milliseconds. Default 5 s. */
  readonly closeWithin?: number;
  /** Makes and starts the parts; resolves to them in the order they were made. */
  readonly start: (context: ServiceContext) => Promise<readonly Closable[]>;
}
