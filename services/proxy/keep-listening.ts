import { type Closable, errorMessage, startPeriodic, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { drainLeftMs, type HandOverOutcome, openLeftMs } from './core/stop-schedule.ts';
import type { Routes } from './routes.ts';
import type { UnderWay } from './under-way.ts';

/** An open door, as far as whoever opens and closes it has to know. */
export interface Door {
  readonly port: number;
  /** That listen there for it, in the tables of the kernel. */
  readonly sockets: number;
  /** Resolves, after the requests under way ended or `drainMs` passed, to how many connections were broken off. */
  close(drainMs: number): Promise<number>;
}

interface ListeningPorts {
  readonly routes: Routes;
  readonly openDoor: () => Promise<Door>;
  /** Asked before the door closes for good: resolves to why nobody is waited for any more. */
  readonly handOver: () => Promise<HandOverOutcome>;
  readonly underWay: Pick<UnderWay, 'now'>;
  /** From when it was asked to close, the hand-over included, in milliseconds. */
  readonly drainMs: number;
  /** From then until the engine kills, in milliseconds. */
  readonly graceMs: number;
  readonly log: Logger;
  readonly ready: (state: boolean | string) => void;
}

/** Keeps the listener open while the settings want it, and tries again while its address is taken. */
export interface Listening extends Closable {
  /** Null while the listener is closed. */
  port(): number | null;
  /** That listen there for this proxy; 0 while the listener is closed. */
  sockets(): number;
  /** Resolves after the first attempt to open it. */
  start(): Promise<void>;
  isStopping(): boolean;
}

const retryMs = 1_000;
const lookEveryMs = 25;

/** Opens nothing before `start`. Closing it hands over first, and is for good: with nobody in its place, the door stays open for what is under way. */
export function keepListening({ routes, openDoor, handOver, underWay, drainMs, graceMs, log, ready }: ListeningPorts): Listening {
  let door: Door | null = null;
  let stopping = false;
  let loop: (Closable & { wake(): void }) | null = null;

  const wanted = () => !stopping && (routes.current()?.enabled ?? true);

  async function adjust(): Promise<void> {
    if (wanted() && !door) await open();
    else if (!wanted() && door) await shut(door);
    else if (!wanted()) ready(true);
  }

  async function open(): Promise<void> {
    try {
      door = await openDoor();
      ready(true);
      log.info({ port: door.port }, 'listening');
    } catch (thrown) {
      ready(`the listener cannot be opened: ${errorMessage(thrown)}`);
      log.error({ reason: errorMessage(thrown) }, 'the listener cannot be opened; trying again');
    }
  }

  /** What comes meanwhile is served, and not waited for. */
  async function untilEnded(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    const left = underWay.now();
    while (left() > 0 && performance.now() < deadline) await wait(lookEveryMs, new AbortController().signal);
  }

  async function shut(open: Door, withinMs = drainMs): Promise<void> {
    door = null;
    const brokenOff = await open.close(withinMs);
    log.info({ brokenOff }, 'listener closed');
    ready(stopping ? 'stopping' : true);
  }

  return {
    port: () => door?.port ?? null,
    sockets: () => door?.sockets ?? 0,
    isStopping: () => stopping || !wanted(),
    async start() {
      await adjust();
      loop = startPeriodic({
        everyMs: retryMs,
        work: adjust,
        onError: (thrown) => log.error({ reason: errorMessage(thrown) }, 'listener failed'),
      });
      routes.onReplaced(() => loop?.wake());
    },
    async close() {
      await loop?.close();
      const askedAt = performance.now();
      const tookMs = () => performance.now() - askedAt;
      const outcome = door ? await handOver() : 'switched-off';
      await untilEnded(openLeftMs({ outcome, drainMs, tookMs: tookMs() }));
      stopping = true;
      if (door) await shut(door, drainLeftMs({ outcome, drainMs, graceMs, tookMs: tookMs() }));
    },
  };
}
