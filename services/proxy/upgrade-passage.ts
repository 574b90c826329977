import type { Target } from '@kedge/shared/contracts';
import { chooseTarget } from './core/choose-target.ts';
import type { ErrorStatus } from './core/error-page.ts';
import { planWait } from './core/plan-wait.ts';
import type { RequestFacts } from './core/read-request-head.ts';
import { lookUp, type RoutedService } from './core/route-table.ts';
import type { UpgradeClient, UpgradeRequest } from './ports.ts';
import type { Surroundings } from './surroundings.ts';
import type { Ending, ServiceTraffic } from './traffic.ts';

/** One upgrade's way to a target. From then on it counts as an open request of that target until the client's connection closes. */
export class UpgradePassage {
  readonly #in: Surroundings;
  readonly #upgrades: UpgradeClient;
  readonly #facts: RequestFacts;
  readonly #upgrade: Omit<UpgradeRequest, 'target'>;
  readonly #startedAt = performance.now();
  #service: ServiceTraffic | null = null;
  #tried = new Set<string>();
  #rounds = 0;
  #troubledAt: number | null = null;
  #over = false;

  constructor(surroundings: Surroundings, upgrades: UpgradeClient, facts: RequestFacts, upgrade: Omit<UpgradeRequest, 'target'>) {
    this.#in = surroundings;
    this.#upgrades = upgrades;
    this.#facts = facts;
    this.#upgrade = upgrade;
  }

  /** Resolves to null once both sides are joined or the client went away, or to what it has to be told instead. */
  async run(): Promise<ErrorStatus | null> {
    const status = await this.#findPartner();
    if (status !== null) this.#end(status);
    else if (this.#upgrade.socket.destroyed) this.#end('aborted');
    return status;
  }

  async #findPartner(): Promise<ErrorStatus | null> {
    while (!this.#upgrade.socket.destroyed) {
      const table = this.#in.routes.current();
      if (!table) return 503;
      const found = lookUp(table, this.#facts.authority, this.#facts.path);
      if (found.kind !== 'found') return found.kind === 'unknown' ? 404 : 400;
      const { service } = found;
      const own = this.#enter(service);
      const target = chooseTarget(service.ready, { turn: own.nextTurn(), tried: this.#tried, isAvoided: this.#in.avoidance.isAvoided });
      if (target) {
        if (await this.#join(service, target)) return null;
        continue;
      }
      const refusal = await this.#waitForTarget(service);
      if (refusal !== null) return refusal;
    }
    return null;
  }

  #enter({ name }: RoutedService): ServiceTraffic {
    if (this.#service) return this.#service;
    this.#service = this.#in.traffic.of(name);
    this.#service.begin();
    return this.#service;
  }

  async #join({ name }: RoutedService, target: Target): Promise<boolean> {
    const { socket } = this.#upgrade;
    const { traffic, log } = this.#in;
    let left = false;
    const leave = () => {
      if (!left) traffic.end(target.id);
      left = true;
    };
    const onClose = () => {
      leave();
      this.#end(101);
    };
    traffic.begin(target.id);
    socket.once('close', onClose);
    const outcome = await this.#upgrades.join({ ...this.#upgrade, target });
    if (outcome.kind === 'joined') {
      this.#in.avoidance.forgive(target.id);
      return true;
    }
    this.#in.avoidance.avoid(target.id);
    socket.off('close', onClose);
    leave();
    this.#tried.add(target.id);
    this.#troubledAt ??= performance.now();
    const level = this.#rounds === 0 ? 'warn' : 'debug';
    log[level]({ service: name, target: target.id, reason: outcome.reason }, 'upstream failed');
    return false;
  }

  /** Resolves to null when it is time to look again, or to how the client is refused. */
  async #waitForTarget({ ready, hold }: RoutedService): Promise<ErrorStatus | null> {
    const now = performance.now();
    const held = ready.length === 0 && hold;
    const wait = planWait(
      {
        held,
        elapsedMs: now - this.#startedAt,
        trouble: this.#troubledAt === null ? null : 'unreachable',
        troubledMs: now - (this.#troubledAt ?? now),
        rounds: this.#rounds,
      },
      this.#in,
    );
    if (wait.kind === 'refuse') return wait.status;
    this.#tried.clear();
    if (!held) this.#rounds += 1;
    const ended = await this.#stayInHoldRoom(wait.waitMs);
    return ended === 'full' || (ended === 'expired' && wait.afterwards === 'refuse') ? wait.status : null;
  }

  async #stayInHoldRoom(waitMs: number): Promise<'changed' | 'expired' | 'gone' | 'full'> {
    const { socket } = this.#upgrade;
    return await new Promise((resolve) => {
      const leave = this.#in.holdRoom.enter(waitMs, { onChange: () => finish('changed'), onExpired: () => finish('expired') });
      // Who has nothing more to say before the connection is upgraded never will.
      const onGone = () => {
        socket.destroy();
        finish('gone');
      };
      const finish = (ended: 'changed' | 'expired' | 'gone' | 'full') => {
        leave?.();
        socket.off('close', onGone);
        socket.off('end', onGone);
        resolve(ended);
      };
      if (!leave) return finish('full');
      socket.once('close', onGone);
      socket.once('end', onGone);
      if (socket.readableEnded) onGone();
    });
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    // Without a service it is one of the requests that no service answers.
    if (!this.#service) {
      this.#service = this.#in.traffic.of(null);
      this.#service.begin();
    }
    this.#service.end(ending, (performance.now() - this.#startedAt) / 1_000);
  }
}
