import type { Target } from '@kedge/shared/contracts';
import { Account } from './account.ts';
import type { Admitted } from './core/admitted.ts';
import { clientHeaders } from './core/client-headers.ts';
import { errorPage, type ShortAnswer } from './core/error-page.ts';
import type { Found } from './core/route-table.ts';
import type { Ending } from './core/tally.ts';
import { targetHead } from './core/target-head.ts';
import type { UpgradeClient, UpgradeRequest } from './ports.ts';
import type { Surroundings } from './surroundings.ts';
import { TargetSearch } from './target-search.ts';

/** Without what only a passage knows. */
type AskedUpgrade = Omit<UpgradeRequest, 'target' | 'scheme' | 'headers' | 'editAnswer' | 'onAnswer'>;

/** Hears of an upgrade that both sides speak on now. */
export type OnJoined = (target: Target, sayGoodbye: () => void) => void;

interface UpgradePassageParts {
  readonly upgrades: UpgradeClient;
  readonly asked: Admitted;
  readonly upgrade: AskedUpgrade;
  readonly onJoined: OnJoined;
}

/** What a search led to. */
type Outcome =
  | { readonly kind: 'target'; readonly target: Target; readonly route: Found }
  | { readonly kind: 'answered'; readonly answer: ShortAnswer }
  | { readonly kind: 'gone' };

/** One upgrade's way to a target. From then on it counts as an open request of that target until the client's connection closes. */
export class UpgradePassage {
  readonly #in: Surroundings;
  readonly #upgrades: UpgradeClient;
  readonly #asked: Admitted;
  readonly #upgrade: AskedUpgrade;
  readonly #onJoined: OnJoined;
  readonly #account: Account;
  readonly #search: TargetSearch;

  constructor(surroundings: Surroundings, { upgrades, asked, upgrade, onJoined }: UpgradePassageParts) {
    this.#in = surroundings;
    this.#upgrades = upgrades;
    this.#asked = asked;
    this.#upgrade = upgrade;
    this.#onJoined = onJoined;
    this.#account = new Account(surroundings, { asked, protocol: 'websocket' });
    // Nobody speaks before the connection is upgraded (RFC 6455 §4.1): who did is not heard leaving.
    const isDeaf = () => upgrade.head.length > 0 || upgrade.socket.readableLength > 0;
    this.#search = new TargetSearch(surroundings, { asked, account: this.#account, isDeaf });
  }

  /** Resolves to null once both sides are joined or the client went away, or to what it has to be told instead. */
  async run(): Promise<ShortAnswer | null> {
    const { socket } = this.#upgrade;
    while (!socket.destroyed) {
      const found = await this.#find();
      if (found.kind === 'answered') {
        this.#account.close(found.answer.status);
        return found.answer;
      }
      if (found.kind === 'target' && (await this.#join(found.target, found.route))) break;
    }
    if (socket.destroyed) this.#account.close('aborted');
    return null;
  }

  async #find(): Promise<Outcome> {
    const { socket } = this.#upgrade;
    return await new Promise((resolve) => {
      let settled = false;
      const settle = (found: Outcome) => {
        settled = true;
        socket.off('close', onGone);
        socket.off('end', onGone);
        resolve(found);
      };
      // Who has nothing more to say before the connection is upgraded never will.
      const onGone = () => {
        this.#search.leave();
        socket.destroy();
        settle({ kind: 'gone' });
      };
      this.#search.look({
        onTarget: (target, route) => settle({ kind: 'target', target, route }),
        onAnswer: (answer) => settle({ kind: 'answered', answer }),
        onRefused: (status) => settle({ kind: 'answered', answer: errorPage(status) }),
      });
      if (settled) return;
      socket.once('close', onGone);
      socket.once('end', onGone);
      if (socket.readableEnded) onGone();
    });
  }

  async #join(target: Target, { rules }: Found): Promise<boolean> {
    const { socket } = this.#upgrade;
    let ending: Ending | null = null;
    const onAnswer = (status: number) => {
      if (ending === null) this.#search.judge(status);
      ending ??= status;
    };
    const onClose = () => this.#account.close(ending ?? 'aborted');
    this.#account.arriveAt(target);
    socket.once('close', onClose);
    const sent = targetHead(this.#asked, rules);
    this.#upgrade.request.url = sent.path;
    const headers = [...sent.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
    const told = this.#search.answerHeaders;
    const editAnswer = rules || told.length > 0 ? (answered: readonly string[]) => clientHeaders(answered, rules, told) : null;
    const outcome = await this.#upgrades.join({ ...this.#upgrade, headers, target, scheme: rules?.scheme ?? 'http', editAnswer, onAnswer });
    if (outcome.kind === 'joined') {
      this.#in.avoidance.forgive(target.id);
      this.#onJoined(target, outcome.sayGoodbye);
      return true;
    }
    socket.off('close', onClose);
    this.#search.failed('unreachable', outcome.reason);
    return false;
  }
}
