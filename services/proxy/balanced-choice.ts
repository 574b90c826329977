import type { Target } from '@kedge/shared/contracts';
import type { Account } from './account.ts';
import type { Avoidance } from './avoidance.ts';
import type { Admitted } from './core/admitted.ts';
import { chooseTarget } from './core/choose-target.ts';
import type { CompiledBalancing } from './core/compile-balancing.ts';
import { askedProtocol } from './core/forwarded-headers.ts';
import type { RoutedService } from './core/route-table.ts';
import { cookieIn, spread } from './core/spread.ts';
import { setCookie } from './core/sticky-cookie.ts';
import type { Ejections } from './ejections.ts';
import type { LimitQueues } from './limit-queues.ts';
import type { Traffic } from './traffic.ts';

/** What choices look at. */
export interface ChoiceGround {
  readonly avoidance: Pick<Avoidance, 'isAvoided'>;
  readonly ejections: Pick<Ejections, 'failed' | 'succeeded' | 'among'>;
  readonly traffic: Pick<Traffic, 'openOf'>;
  readonly limitQueues: Pick<LimitQueues, 'isWaitedFor'>;
}

interface Choosing {
  readonly asked: Admitted;
  readonly account: Account;
  /** Who asks, as `clientKey` has it. */
  readonly client: () => string;
}

/** How one request is given to a target of a service that says how: made where there is such a service. */
export class BalancedChoice {
  readonly #in: ChoiceGround;
  readonly #choosing: Choosing;
  /** Of the service that it was for last. */
  #balancing: CompiledBalancing | null = null;
  /** It waited until its turn came. */
  #isNext = false;

  constructor(ground: ChoiceGround, choosing: Choosing) {
    this.#in = ground;
    this.#choosing = choosing;
  }

  /** Null: there is none that was not tried and has room. */
  choose(
    { name, ready }: RoutedService,
    balancing: CompiledBalancing,
    { turn, tried }: { readonly turn: number; readonly tried: ReadonlySet<string> | null },
  ): Target | null {
    const { avoidance, ejections, traffic } = this.#in;
    const { asked, client } = this.#choosing;
    this.#balancing = balancing;
    const { openOf } = traffic;
    const out = ejections.among(name, { ready, plan: balancing.eject });
    const isLeftOut = ({ id }: Target) => out?.has(id) === true || avoidance.isAvoided(id) || tried?.has(id) === true;
    // Those that are left take turns among each other; who is left out comes behind them.
    const left = ready.filter((target) => !isLeftOut(target));
    const spreading = { balancing, turn, chance: Math.random(), openOf, rawHeaders: asked.rawHeaders, client };
    const ordered = left.length === ready.length ? spread(ready, spreading) : [...spread(left, spreading), ...ready.filter(isLeftOut)];
    return chooseTarget(
      ordered.filter((target) => this.hasRoom(target)),
      { turn: 0, tried, isAvoided: () => false },
    );
  }

  /** It may have one request more. */
  hasRoom({ id }: Target): boolean {
    const limit = this.#balancing?.limit;
    return !limit || this.#in.traffic.openOf(id) < limit.concurrent;
  }

  /** No target has room for it, or others came before it. Whose turn it is does not wait for those behind. */
  mustQueue({ name, ready }: RoutedService, { limit }: CompiledBalancing): boolean {
    const isNext = this.#isNext;
    this.#isNext = false;
    if (!limit || ready.length === 0) return false;
    const { traffic, limitQueues } = this.#in;
    return (!isNext && limitQueues.isWaitedFor(name)) || ready.every(({ id }) => traffic.openOf(id) >= limit.concurrent);
  }

  /** Its turn came. */
  isCalled(): void {
    this.#isNext = true;
  }

  /** What makes the client come back to its target, if it would not by itself; names and values take turns. */
  get answerHeaders(): readonly string[] {
    const sticky = this.#balancing?.sticky;
    const { asked, account } = this.#choosing;
    const value = sticky?.values.get(account.target?.id ?? '');
    if (!sticky || value === undefined || cookieIn(asked.rawHeaders, sticky.name) === value) return [];
    return ['Set-Cookie', setCookie(sticky.name, value, askedProtocol(asked) === 'https')];
  }

  /** What the target answered counts for or against it. */
  judge(status: number): void {
    const { name, target } = this.#choosing.account;
    if (!this.#balancing?.eject || target === null || name === null) return;
    if (status >= 500) this.blame(target, `it answered ${status}`);
    else this.#in.ejections.succeeded(name, target.id);
  }

  /** One more failure of a target. */
  blame(target: Target, reason: string): void {
    const { name } = this.#choosing.account;
    const eject = this.#balancing?.eject;
    if (eject && name !== null) this.#in.ejections.failed({ service: name, target, reason }, eject);
  }
}
