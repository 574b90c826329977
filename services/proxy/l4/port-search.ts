import type { Target } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Avoidance } from '../avoidance.ts';
import { chooseTarget } from '../core/choose-target.ts';
import { clientKey } from '../core/client-key.ts';
import { planWait, type WaitLimits } from '../core/plan-wait.ts';
import type { PortRoute } from '../core/port-table.ts';
import type { RoutedService } from '../core/route-table.ts';
import { spread } from '../core/spread.ts';
import type { HoldRoom } from '../hold-room.ts';
import type { Routes } from '../routes.ts';
import type { Traffic } from '../traffic.ts';

/** What all searches share. */
export interface SearchGround extends WaitLimits {
  readonly routes: Pick<Routes, 'current' | 'onReplaced'>;
  readonly traffic: Pick<Traffic, 'of' | 'openOf'>;
  readonly avoidance: Avoidance;
  readonly holdRoom: HoldRoom;
  readonly log: Logger;
}

interface Seeker {
  /** Of the port, as the table names it. */
  readonly key: string;
  /** Where the client comes from: nothing else is known of it. */
  readonly client: string;
  readonly onTarget: (target: Target, port: PortRoute) => void;
  /** There is none, and nothing to wait for. */
  readonly onRefused: () => void;
}

/** Finds a target for one client of a port, another one when that cannot be reached, and waits while there is none, as requests do. */
export class PortSearch {
  readonly #in: SearchGround;
  readonly #seeker: Seeker;
  readonly #startedAt = performance.now();
  #tried: Set<string> | null = null;
  #troubledAt: number | null = null;
  #rounds = 0;
  #leaveRoom: (() => void) | null = null;

  constructor(ground: SearchGround, seeker: Seeker) {
    this.#in = ground;
    this.#seeker = seeker;
  }

  /** Looks the port up afresh each time: the table may have changed since the last attempt. Calls back at once, or later. */
  look(): void {
    this.#leaveRoom = null;
    const { key, onTarget, onRefused } = this.#seeker;
    const port = this.#in.routes.current()?.ports.get(key);
    if (!port) {
      onRefused();
      return;
    }
    const { ready, hold } = port.service;
    const target = this.#choose(port.service);
    if (target) onTarget(target, port);
    else this.#wait(ready.length === 0 && hold);
  }

  /** Nothing was said to this target yet: looks for another one. */
  failed(target: Target, { port, reason }: { readonly port: PortRoute; readonly reason: string }): void {
    const { routes, avoidance, log } = this.#in;
    if (routes.current()?.targets.has(target.id)) {
      const level = this.#rounds === 0 ? 'warn' : 'debug';
      log[level]({ service: port.service.name, target: target.id, port: port.host, reason }, 'no connection to a target');
      avoidance.avoid(target.id);
    }
    this.#tried ??= new Set();
    this.#tried.add(target.id);
    this.#troubledAt ??= performance.now();
    this.look();
  }

  /** The client is gone; nothing is called any more. */
  leave(): void {
    this.#leaveRoom?.();
  }

  #choose({ name, ready, balancing }: RoutedService): Target | null {
    const { traffic, avoidance } = this.#in;
    const turn = traffic.of(name).nextTurn();
    const client = () => this.#seeker.client;
    const ordered =
      balancing === null
        ? ready
        : spread(ready, { balancing, turn, chance: Math.random(), openOf: traffic.openOf, rawHeaders: [], client });
    const target = chooseTarget(ordered, { turn: balancing === null ? turn : 0, tried: this.#tried, isAvoided: avoidance.isAvoided });
    if (target) avoidance.tries(target.id);
    return target;
  }

  #wait(held: boolean): void {
    const { client, onRefused } = this.#seeker;
    const wait = planWait(
      {
        held,
        elapsedMs: performance.now() - this.#startedAt,
        trouble: this.#troubledAt === null ? null : 'unreachable',
        troubledMs: this.#troubledAt === null ? 0 : performance.now() - this.#troubledAt,
        rounds: this.#rounds,
      },
      this.#in,
    );
    if (wait.kind === 'wait') {
      const look = () => this.look();
      this.#tried = null;
      if (!held) this.#rounds += 1;
      this.#leaveRoom = this.#in.holdRoom.enter(wait.waitMs, {
        client: clientKey(client),
        since: this.#startedAt,
        onChange: look,
        onExpired: wait.afterwards === 'try-again' ? look : onRefused,
        onPushedOut: onRefused,
      });
      if (this.#leaveRoom) return;
    }
    onRefused();
  }
}
