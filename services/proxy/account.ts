import type { ServiceName, Target } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { AccessLog } from './access-log.ts';
import type { Admitted } from './core/admitted.ts';
import type { Ending } from './core/tally.ts';
import type { ServiceTraffic, TargetTraffic, Traffic } from './traffic.ts';

interface Books {
  readonly traffic: Pick<Traffic, 'of' | 'begin' | 'end' | 'underWay'>;
  readonly access: Pick<AccessLog, 'wants' | 'ended'>;
  readonly log: Logger;
}

/** What was asked, and by which protocol. */
interface Asking {
  readonly asked: Admitted;
  readonly protocol: string;
}

/** One request in the books, whatever protocol carries it: whose it is, which target has it, and how it ended. */
export class Account {
  /** Of the bodies, as far as they were passed on. */
  receivedBytes = 0;
  sentBytes = 0;
  /** The answer had begun and broke off. */
  broken = false;
  readonly #books: Books;
  readonly #asking: Asking;
  readonly #startedAt = performance.now();
  #name: ServiceName | null = null;
  #service: ServiceTraffic | null = null;
  #traffic: TargetTraffic | null = null;
  #attempts = 0;
  #ended: () => void = () => undefined;
  #closed = false;

  constructor(books: Books, asking: Asking) {
    this.#books = books;
    this.#asking = asking;
  }

  /** Null until `enter`, and for requests that no service answers. */
  get name(): ServiceName | null {
    return this.#name;
  }

  /** Empty until `enter`, and for requests that no service answers. */
  get service(): string {
    return this.#name ?? '';
  }

  get target(): Target | null {
    return this.#traffic?.target ?? null;
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
    this.#attempts += 1;
    this.#traffic = this.#books.traffic.begin(target, this.#name);
  }

  /** No connection to its target came about. */
  couldNotConnect(): void {
    if (this.#traffic) this.#traffic.tally.connectFailures += 1;
  }

  /** Its target answered, and another one is asked all the same. */
  answeredBy(status: number): void {
    this.#traffic?.tally.end(status, this.elapsedMs() / 1_000);
  }

  /** Does nothing where no target has it. */
  leaveTarget(): void {
    const traffic = this.#traffic;
    this.#traffic = null;
    if (traffic) this.#books.traffic.end(traffic);
  }

  /** Writes down how it ended. Only the first call counts. */
  close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    const traffic = this.#traffic;
    const elapsedMs = this.elapsedMs();
    this.#count(ending, elapsedMs / 1_000);
    this.leaveTarget();
    this.#ended();
    const { access } = this.#books;
    if (access.wants(ending)) this.#write(ending, { elapsedMs, target: traffic?.target ?? null });
    this.#tell(ending, { elapsedMs, target: traffic?.target ?? null });
  }

  #count(ending: Ending, seconds: number): void {
    const service = this.enter(null);
    service.end(ending, seconds);
    service.tally.receivedBytes += this.receivedBytes;
    service.tally.sentBytes += this.sentBytes;
    service.tally.retries += this.#retries;
    this.#traffic?.tally.end(ending, seconds);
  }

  /** Targets that had it so far. */
  get attempts(): number {
    return this.#attempts;
  }

  get #retries(): number {
    return this.#attempts > 1 ? this.#attempts - 1 : 0;
  }

  #write(ending: Ending, { elapsedMs, target }: Told): void {
    const { asked, protocol } = this.#asking;
    this.#books.access.ended({
      asked,
      protocol,
      service: this.service,
      release: target?.release ?? null,
      target: target?.id ?? null,
      ending,
      broken: this.broken,
      ms: elapsedMs,
      receivedBytes: this.receivedBytes,
      sentBytes: this.sentBytes,
      retries: this.#retries,
    });
  }

  #tell(ending: Ending, { elapsedMs, target }: Told): void {
    const { log } = this.#books;
    if (!log.isLevelEnabled('debug')) return;
    const { method, facts } = this.#asking.asked;
    // The query stays out of the log: people put secrets there.
    const [path] = facts.path.split('?', 1);
    log.debug({ service: this.service, method, host: facts.authority, path, status: ending, target: target?.id, elapsedMs }, 'request');
  }
}

interface Told {
  readonly elapsedMs: number;
  readonly target: Target | null;
}
