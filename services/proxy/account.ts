import type { ServiceName, Target } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Ending, ServiceTraffic, Traffic } from './traffic.ts';

interface Books {
  readonly traffic: Traffic;
  readonly log: Logger;
}

/** What a line of the log says about what was asked. */
interface Asked {
  readonly method: string;
  readonly authority: string;
  readonly path: string;
}

/** One request in the books, whatever protocol carries it: whose it is, which target has it, and how it ended. */
export class Account {
  readonly #books: Books;
  readonly #asked: Asked;
  readonly #startedAt = performance.now();
  #name: ServiceName | null = null;
  #service: ServiceTraffic | null = null;
  #target: Target | null = null;
  #ended: () => void = () => undefined;
  #closed = false;

  constructor(books: Books, asked: Asked) {
    this.#books = books;
    this.#asked = asked;
  }

  /** Empty until `enter`, and for requests that no service answers. */
  get service(): string {
    return this.#name ?? '';
  }

  get target(): Target | null {
    return this.#target;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Since the request came. */
  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Counts the request for a service; only the first call does, so that it is counted once. Null: no service answers it. */
  enter(name: ServiceName | null): ServiceTraffic {
    if (this.#service) return this.#service;
    this.#name = name;
    this.#service = this.#books.traffic.of(name);
    this.#service.begin();
    this.#ended = this.#books.traffic.underWay.begin();
    return this.#service;
  }

  /** From now on it is an open request of this target. */
  arriveAt(target: Target): void {
    this.leaveTarget();
    this.#target = target;
    this.#books.traffic.begin(target.id);
  }

  /** Does nothing where no target has it. */
  leaveTarget(): void {
    const target = this.#target;
    this.#target = null;
    if (target) this.#books.traffic.end(target.id);
  }

  /** Writes down how it ended. Only the first call counts. */
  close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    const target = this.#target?.id;
    this.leaveTarget();
    const elapsedMs = this.elapsedMs();
    this.enter(null).end(ending, elapsedMs / 1_000);
    this.#ended();
    const { log } = this.#books;
    if (!log.isLevelEnabled('debug')) return;
    const { method, authority, path: asked } = this.#asked;
    // The query stays out of the log: people put secrets there.
    const [path] = asked.split('?', 1);
    log.debug({ service: this.service, method, host: authority, path, status: ending, target, elapsedMs }, 'request');
  }
}
