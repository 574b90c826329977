import type { Target } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Account } from './account.ts';
import type { Avoidance } from './avoidance.ts';
import { BalancedChoice, type ChoiceGround } from './balanced-choice.ts';
import type { Admitted } from './core/admitted.ts';
import { chooseTarget } from './core/choose-target.ts';
import { clientAddress } from './core/client-address.ts';
import { clientKey } from './core/client-key.ts';
import type { CompiledBalancing } from './core/compile-balancing.ts';
import type { Pause } from './core/compile-rules.ts';
import type { ErrorStatus, ShortAnswer } from './core/error-page.ts';
import { refusal } from './core/judge-rules.ts';
import { planWait, type Trouble, type WaitLimits } from './core/plan-wait.ts';
import { type Found, lookUp, type RoutedService } from './core/route-table.ts';
import type { Guest, HoldRoom } from './hold-room.ts';
import type { LimitQueues } from './limit-queues.ts';
import type { Routes } from './routes.ts';
import { RuleGate, type RuleGround } from './rule-gate.ts';

interface SearchGround extends WaitLimits, RuleGround, ChoiceGround {
  readonly routes: Pick<Routes, 'current'>;
  readonly avoidance: Pick<Avoidance, 'avoid' | 'isAvoided' | 'tries'>;
  readonly limitQueues: Pick<LimitQueues, 'enter' | 'isWaitedFor'>;
  readonly holdRoom: HoldRoom;
  readonly log: Logger;
}

type Limit = NonNullable<CompiledBalancing['limit']>;

/** What is looked for. */
interface Wanted {
  readonly asked: Admitted;
  readonly account: Account;
  /** True: its client sent so much that nobody would notice it leaving. */
  readonly isDeaf: () => boolean;
}

/** The least between two looks at a paused request whose client may have left unnoticed. */
const leastBetweenMs = 1_000;
/** Requests that may wait for the hashes of one service. */
const mostForHashes = 200;

const pathAmbiguous = 'the path has "." or ".." between its "/"; resolve them before asking';

/** Hears what a look ends with: one of these, once, at once or later. */
export interface Seeker {
  onTarget(target: Target, route: Found): void;
  /** A rule of the route answers. */
  onAnswer(answer: ShortAnswer): void;
  /** There is none, and none is worth waiting for (any longer). `detail` is for the client. */
  onRefused(status: ErrorStatus, detail?: string): void;
}

/** One request's search for somebody who takes it, over as many attempts and as much waiting as that needs. */
export class TargetSearch {
  readonly #in: SearchGround;
  readonly #wanted: Wanted;
  /** Made where there is a route with rules. */
  #gate: RuleGate | null = null;
  #tried: Set<string> | null = null;
  #trouble: Trouble | null = null;
  #troubledAt = 0;
  #rounds = 0;
  #leaveRoom: (() => void) | null = null;
  /** When the pause began that it is in, in milliseconds since it came; null outside of one. */
  #pausedAt: number | null = null;
  #pausedMs = 0;
  readonly #since = performance.now();
  #turn: number | null = null;
  /** When it came into the queue of a limit first. */
  #queuedAt: number | null = null;
  #client: string | null = null;
  /** Made where there is a service that says how its requests are spread. */
  #choice: BalancedChoice | null = null;

  constructor(ground: SearchGround, wanted: Wanted) {
    this.#in = ground;
    this.#wanted = wanted;
  }

  /** What the client is told beside what the target says: by rules, and so that it comes back to its target. Names and values take turns. */
  get answerHeaders(): readonly string[] {
    const told = this.#gate?.answerHeaders ?? [];
    return this.#choice === null ? told : [...told, ...this.#choice.answerHeaders];
  }

  /** What the target answered counts for or against it, where its service wants that. */
  judge(status: number): void {
    this.#choice?.judge(status);
  }

  /** The target had the request and did not answer it. */
  blame(reason: string): void {
    const { target } = this.#wanted.account;
    if (target) this.#choice?.blame(target, reason);
  }

  /** Whether there is another one than the target that has it, who was not asked yet and has room. */
  hasOther(ready: readonly Target[]): boolean {
    const { target } = this.#wanted.account;
    return ready.some((each) => each.id !== target?.id && this.#tried?.has(each.id) !== true && this.#choice?.hasRoom(each) !== false);
  }

  /** Another one is to be found, although this one answered, or as good as. */
  passOver(status: number): void {
    const { account } = this.#wanted;
    this.#tried ??= new Set();
    if (account.target) this.#tried.add(account.target.id);
    account.answeredBy(status);
    account.leaveTarget();
  }

  /** Who asks, as `clientKey` has it. */
  get client(): string {
    this.#client ??= clientKey(clientAddress(this.#wanted.asked));
    return this.#client;
  }

  /** Looks the route up afresh each time: the table may have changed since the last attempt. */
  look(seeker: Seeker): void {
    const table = this.#in.routes.current();
    const found = table && lookUp(table, this.#wanted.asked.facts);
    if (!found) seeker.onRefused(503);
    else if (found.kind === 'unknown') seeker.onRefused(404);
    else if (found.kind === 'malformed') seeker.onRefused(400, 'the Host header names no host');
    else if (found.kind === 'ambiguous') seeker.onAnswer(refusal(400, this.#wanted.asked, pathAmbiguous));
    else if (found.rules === null) this.#choose(found, seeker);
    else this.#askRules(found, seeker);
  }

  /** Nothing was sent to the target: the next look finds another one, or waits for one. */
  failed(trouble: Trouble, reason: string): void {
    const { account } = this.#wanted;
    const { target } = account;
    if (trouble === 'unreachable') account.couldNotConnect();
    account.leaveTarget();
    this.logFailure({ target, failure: trouble, reason });
    this.#tried ??= new Set();
    if (target && trouble !== 'retired') this.#tried.add(target.id);
    if (target && trouble === 'unreachable') {
      this.#in.avoidance.avoid(target.id);
      this.#choice?.blame(target, reason);
    }
    if (this.#trouble === null) this.#troubledAt = performance.now();
    this.#trouble = trouble;
  }

  /** Later rounds find out what is known already, and say it less loudly. */
  logFailure({ target, failure, reason }: { readonly target: Target | null; readonly failure: string; readonly reason: string }): void {
    const level = this.#rounds === 0 ? 'warn' : 'debug';
    this.#in.log[level]({ service: this.#wanted.account.service, target: target?.id, failure, reason }, 'upstream failed');
  }

  /** Waits no longer; the seeker hears nothing further. */
  leave(): void {
    this.#leaveRoom?.();
    this.#leaveRoom = null;
  }

  #askRules(route: Found, seeker: Seeker): void {
    const { asked, account } = this.#wanted;
    const { rules, service } = route;
    this.#gate ??= new RuleGate(this.#in, asked);
    account.enter(service.name);
    const verdict = rules ? this.#gate.ask(rules) : null;
    if (verdict?.kind === 'answer') seeker.onAnswer(verdict.answer);
    else if (verdict?.kind === 'later') this.#lookAfter(verdict.decided, seeker);
    else if (verdict?.kind === 'unknown') this.#awaitHashes(route, verdict.answer, seeker);
    else if (rules?.pause) this.#pause(route, rules.pause, seeker);
    else this.#choose(route, seeker);
  }

  #lookAfter(decided: Promise<void>, seeker: Seeker): void {
    let hasLeft = false;
    this.#leaveRoom = () => {
      hasLeft = true;
    };
    void decided.then(() => {
      if (!hasLeft) this.look(seeker);
    });
  }

  /** Until the hashes are there, as long as for a service that is held. */
  #awaitHashes({ service }: Found, answer: ShortAnswer, seeker: Seeker): void {
    const waitMs = this.#in.holdTimeoutMs - this.#heldMs();
    const refuse = () => seeker.onAnswer(answer);
    const guest = { ...this.#guest(seeker), onExpired: refuse, onPushedOut: refuse };
    const corner = { name: `hashes ${service.name}`, limit: mostForHashes };
    this.#leaveRoom = waitMs > 0 ? this.#in.holdRoom.enter(waitMs, guest, corner) : null;
    if (!this.#leaveRoom) refuse();
  }

  /**
   * Until another table comes, in which the route may be paused no more. Each service has a room of its own for that. Now and then it is asked whether
   * the client may have left unnoticed: such a request waits as long as in a hold, and no longer.
   */
  #pause({ service }: Found, { timeoutMs, limit }: Pause, seeker: Seeker): void {
    const elapsedMs = this.#wanted.account.elapsedMs();
    this.#pausedAt ??= elapsedMs;
    const leftMs = timeoutMs - elapsedMs;
    const waitMs = Math.min(leftMs, Math.max(this.#in.holdTimeoutMs, leastBetweenMs));
    const onExpired = () => (waitMs < leftMs && !this.#wanted.isDeaf() ? this.look(seeker) : seeker.onRefused(503));
    const guest = { ...this.#guest(seeker), onExpired };
    this.#leaveRoom = leftMs > 0 ? this.#in.holdRoom.enter(waitMs, guest, { name: `pause ${service.name}`, limit }) : null;
    if (!this.#leaveRoom) seeker.onRefused(503);
  }

  #guest(seeker: Seeker): Guest {
    const refuse = () => seeker.onRefused(503);
    return { client: this.client, since: this.#since, onChange: () => this.look(seeker), onExpired: refuse, onPushedOut: refuse };
  }

  /** Since the request came, without the time in which it was paused. */
  #heldMs(): number {
    const elapsedMs = this.#wanted.account.elapsedMs();
    if (this.#pausedAt !== null) this.#pausedMs += elapsedMs - this.#pausedAt;
    this.#pausedAt = null;
    return elapsedMs - this.#pausedMs;
  }

  #choose(route: Found, seeker: Seeker): void {
    const { name, ready, hold, balancing } = route.service;
    // One turn for each request, however many targets it asks: the next one has the next.
    const traffic = this.#wanted.account.enter(name);
    this.#turn ??= traffic.nextTurn();
    const choice = { turn: this.#turn, tried: this.#tried };
    let target: Target | null;
    if (balancing === null) target = chooseTarget(ready, { ...choice, isAvoided: this.#in.avoidance.isAvoided });
    else {
      this.#choice ??= new BalancedChoice(this.#in, { ...this.#wanted, client: () => this.client });
      if (balancing.limit && this.#choice.mustQueue(route.service, balancing)) {
        this.#queue(route.service, balancing.limit, seeker);
        return;
      }
      target = this.#choice.choose(route.service, balancing, choice);
    }
    if (target) this.#in.avoidance.tries(target.id);
    if (target) seeker.onTarget(target, route);
    else this.#wait(ready.length === 0 && hold, seeker);
  }

  /** In all as long as the limit says, however often it is its turn in vain. */
  #queue({ name, ready }: RoutedService, { queue, timeout_ms: timeoutMs }: Limit, seeker: Seeker): void {
    const nowMs = performance.now();
    this.#queuedAt ??= nowMs;
    const onTurn = () => {
      this.#choice?.isCalled();
      this.look(seeker);
    };
    const place = { service: name, ready, limit: queue, waitMs: timeoutMs - (nowMs - this.#queuedAt), since: this.#since };
    this.#leaveRoom = this.#in.limitQueues.enter({ onTurn, onExpired: () => seeker.onRefused(503) }, place);
    if (!this.#leaveRoom) seeker.onRefused(503);
  }

  /** Nothing of the request was sent, and what was read of its body is kept: it can wait, if there is time and room for that. */
  #wait(held: boolean, seeker: Seeker): void {
    const plight = {
      held,
      elapsedMs: this.#heldMs(),
      trouble: this.#trouble,
      troubledMs: performance.now() - this.#troubledAt,
      rounds: this.#rounds,
    };
    const wait = planWait(plight, this.#in);
    if (wait.kind === 'wait') {
      const refuse = () => seeker.onRefused(wait.status);
      const guest = this.#guest(seeker);
      const onExpired = wait.afterwards === 'try-again' ? guest.onChange : refuse;
      this.#tried = null;
      if (!held) this.#rounds += 1;
      this.#leaveRoom = this.#in.holdRoom.enter(wait.waitMs, { ...guest, onExpired, onPushedOut: refuse });
      if (this.#leaveRoom) return;
    }
    seeker.onRefused(wait.status);
  }
}
