import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { Account } from './account.ts';
import type { ClientSide } from './client-side.ts';
import type { Admitted } from './core/admitted.ts';
import type { AnswerHead } from './core/answer-head.ts';
import { clientHeaders } from './core/client-headers.ts';
import type { CompiledBalancing } from './core/compile-balancing.ts';
import type { CompiledRules } from './core/compile-rules.ts';
import { type ErrorStatus, errorPage, type ShortAnswer } from './core/error-page.ts';
import { withoutHeaders } from './core/header-edits.ts';
import type { Found } from './core/route-table.ts';
import type { Ending } from './core/tally.ts';
import { targetHead } from './core/target-head.ts';
import type { AnswerListener, UpstreamExchange, UpstreamFailure } from './ports.ts';
import type { Surroundings } from './surroundings.ts';
import { type Seeker, TargetSearch } from './target-search.ts';

/** RFC 9110 §9.2.2. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

interface PassageParts {
  readonly client: ClientSide;
  readonly asked: Admitted;
}

/** One request's way to a target, and the way of the answer back. It knows neither the client's protocol nor that of the target. */
export class Passage implements AnswerListener, Seeker {
  readonly #in: Surroundings;
  readonly #client: ClientSide;
  readonly #asked: Admitted;
  readonly #account: Account;
  readonly #search: TargetSearch;
  #exchange: UpstreamExchange | null = null;
  /** Of the route by which the target was found. */
  #rules: CompiledRules | null = null;
  #status = 0;
  /** Of the service whose target it was given. */
  #balancing: CompiledBalancing | null = null;
  #ready: readonly Target[] = [];

  constructor(surroundings: Surroundings, { client, asked }: PassageParts) {
    this.#in = surroundings;
    this.#client = client;
    this.#asked = asked;
    this.#account = new Account(surroundings, { asked, protocol: client.protocol });
    const isDeaf = () => client.isDeaf;
    this.#search = new TargetSearch(surroundings, { asked, account: this.#account, isDeaf });
  }

  begin(): void {
    this.#client.onGone(() => {
      if (this.#account.closed) return;
      this.#exchange?.abort();
      this.#end('aborted');
    });
    this.#look();
  }

  onTarget(target: Target, { rules, service }: Found): void {
    this.#rules = rules;
    this.#balancing = service.balancing;
    this.#ready = service.ready;
    this.#account.arriveAt(target);
    const { method, facts } = this.#asked;
    const { body } = facts;
    const repeatable = this.#isRepeatable();
    const scheme = rules?.scheme ?? 'http';
    const { path, headers } = targetHead(this.#asked, rules);
    this.#exchange = this.#in.upstream.send({ target, scheme, method, path, headers, body, repeatable }, this);
  }

  onRefused(status: ErrorStatus, detail?: string): void {
    // Where the host is not certain, the place where the next request begins may not be either.
    this.#answer(status, { detail, close: status === 400 });
  }

  onAnswer(answer: ShortAnswer): void {
    this.#give(answer, false);
  }

  onReady(): void {
    if (!this.#exchange) return;
    this.#client.body?.pump(this.#exchange, {
      idleMs: this.#in.uploadIdleMs,
      onSilence: () => this.#giveUpUpload(408),
      maxBytes: this.#rules?.maxBody ?? Number.POSITIVE_INFINITY,
      onTooMuch: () => this.#giveUpUpload(413),
      onPiece: (bytes) => {
        this.#account.receivedBytes += bytes;
      },
      withoutTrailers: this.#rules?.requestEdits?.drop ?? null,
    });
  }

  onDrain(): void {
    this.#client.body?.resume();
  }

  onInformation(head: AnswerHead): void {
    try {
      const edits = this.#rules?.responseEdits;
      this.#client.inform(edits ? { ...head, headers: withoutHeaders(head.headers, edits.drop) } : head);
    } catch (thrown) {
      this.#in.log.debug({ service: this.#account.service, reason: errorMessage(thrown) }, 'interim answer left out');
    }
  }

  onHead(head: AnswerHead, whole: string | null): void {
    if (this.#account.target) this.#in.avoidance.forgive(this.#account.target.id);
    if (this.#balancing !== null) {
      this.#search.judge(head.status);
      if (this.#asksAgain(head.status, this.#balancing)) return;
    }
    try {
      const { answerHeaders } = this.#search;
      const isPlain = this.#rules === null && answerHeaders.length === 0;
      this.#client.begin(isPlain ? head : { ...head, headers: clientHeaders(head.headers, this.#rules, answerHeaders) }, whole);
    } catch (thrown) {
      this.#exchange?.abort();
      this.onFailure({ kind: 'bad-answer', reason: errorMessage(thrown) });
      return;
    }
    this.#status = head.status;
    if (whole !== null) this.#account.sentBytes = whole.length;
    if (whole === null) this.#client.onDrain(() => this.#exchange?.resume());
    else this.#end(head.status);
  }

  onData(bytes: Buffer): boolean {
    this.#account.sentBytes += bytes.length;
    return this.#client.write(bytes);
  }

  onEnd(trailers: readonly string[]): void {
    const edits = this.#rules?.responseEdits;
    this.#client.end(edits ? withoutHeaders(trailers, edits.drop) : trailers);
    this.#end(this.#status);
  }

  onFailure(failure: UpstreamFailure): void {
    this.#exchange = null;
    switch (failure.kind) {
      case 'unreachable':
      case 'busy':
      case 'retired':
        this.#search.failed(failure.kind, failure.reason);
        this.#look();
        return;
      case 'too-slow':
      case 'no-answer':
      case 'bad-answer':
      case 'broken':
        this.#targetFailed(failure.kind === 'too-slow' ? 504 : 502, failure);
        return;
      default:
        failure satisfies never;
    }
  }

  /** It had the request, and gave no answer, or no whole one: that is told in its place. */
  #targetFailed(status: 502 | 504, { kind, reason }: UpstreamFailure): void {
    this.#search.logFailure({ target: this.#account.target, failure: kind, reason });
    this.#search.blame(reason);
    if (this.#client.begun) this.#breakOff(502);
    else if (this.#balancing === null || !this.#asksAgain(status, this.#balancing)) this.#answer(status);
  }

  /** True: this answer is not passed on, and another target has the request. */
  #asksAgain(status: number, { retry }: CompiledBalancing): boolean {
    const { name, attempts } = this.#account;
    if (!retry || name === null || !this.#isRepeatable()) return false;
    if (attempts === 1) this.#in.retryBudgets.count(name);
    if (!retry.statuses.includes(status) || attempts >= retry.attempts) return false;
    if (!this.#search.hasOther(this.#ready) || !this.#in.retryBudgets.take(name, retry.budget)) return false;
    this.#search.passOver(status);
    this.#exchange?.abort();
    this.#exchange = null;
    this.#look();
    return true;
  }

  #isRepeatable(): boolean {
    const { method, facts } = this.#asked;
    return facts.body === 'none' && idempotent.has(method);
  }

  #look(): void {
    this.#search.look(this);
    // It waits: who leaves meanwhile is to be noticed.
    if (this.#exchange === null && !this.#account.closed) this.#client.body?.readAhead(this.#search.client);
  }

  #giveUpUpload(status: 408 | 413): void {
    this.#exchange?.abort();
    if (this.#client.begun) {
      this.#breakOff('aborted');
      return;
    }
    // It is no answer of the target's.
    this.#account.leaveTarget();
    this.#answer(status, { close: true });
  }

  /** The proxy's own answer. */
  #answer(status: ErrorStatus, { detail, close = false }: { readonly detail?: string | undefined; readonly close?: boolean } = {}): void {
    this.#give(errorPage(status, { accept: this.#client.accept, detail }), close);
  }

  #give(answer: ShortAnswer, close: boolean): void {
    if (this.#account.closed) return;
    this.#client.refuse(answer, close);
    this.#end(answer.status);
  }

  #breakOff(ending: Ending): void {
    this.#client.breakOff();
    this.#account.broken = true;
    this.#end(ending);
  }

  #end(ending: Ending): void {
    if (this.#account.closed) return;
    this.#search.leave();
    this.#exchange = null;
    this.#account.close(ending);
    this.#client.body?.discard();
  }
}
