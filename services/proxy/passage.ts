import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { AnswerHead } from './core/answer-head.ts';
import { chooseTarget } from './core/choose-target.ts';
import { type ErrorStatus, errorPage } from './core/error-page.ts';
import { planWait, type Trouble } from './core/plan-wait.ts';
import type { RequestFacts } from './core/read-request-head.ts';
import { lookUp, type RoutedService } from './core/route-table.ts';
import type { AnswerListener, UpstreamExchange, UpstreamFailure } from './ports.ts';
import type { Surroundings } from './surroundings.ts';
import type { Ending, ServiceTraffic, Traffic } from './traffic.ts';
import { Upload } from './upload.ts';

/** RFC 9110 §9.2.2. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** One request's way to a target and back. */
export class Passage implements AnswerListener {
  readonly #in: Surroundings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #facts: RequestFacts;
  readonly #head: string;
  readonly #upload: Upload | null;
  readonly #startedAt = performance.now();
  #service: ServiceTraffic | null = null;
  #serviceName = '';
  #target: Target | null = null;
  #exchange: UpstreamExchange | null = null;
  #tried: Set<string> | null = null;
  #trouble: Trouble | null = null;
  #troubledAt = 0;
  #rounds = 0;
  #leaveHold: (() => void) | null = null;
  #continued = false;
  #closes = false;
  #over = false;

  constructor(surroundings: Surroundings, request: IncomingMessage, response: ServerResponse, facts: RequestFacts, head: string) {
    this.#in = surroundings;
    this.#request = request;
    this.#response = response;
    this.#facts = facts;
    this.#head = head;
    this.#upload = facts.body === 'none' ? null : new Upload(request, response);
  }

  begin(): void {
    // A server's answer emits `close` after it was sent, and also when the client went away before.
    this.#response.on('close', () => {
      if (this.#over) return;
      this.#exchange?.abort();
      this.#end('aborted');
    });
    this.#attempt();
  }

  /** Looks the route up afresh each time: the table may have changed since the last attempt. */
  #attempt(): void {
    const table = this.#in.routes.current();
    const found = table && lookUp(table, this.#facts.authority, this.#facts.path);
    if (!found) this.#answer(503);
    else if (found.kind === 'unknown') this.#answer(404);
    else if (found.kind === 'malformed') this.#answer(400, 'the Host header names no host', true);
    else this.#ask(found.service);
  }

  #ask({ name, ready, hold }: RoutedService): void {
    this.#enter(name);
    const { isAvoided } = this.#in.avoidance;
    const target = chooseTarget(ready, { turn: this.#service?.nextTurn() ?? 0, tried: this.#tried, isAvoided });
    if (target) this.#send(target);
    else this.#waitForTarget(ready.length === 0 && hold);
  }

  #enter(name: Parameters<Traffic['of']>[0]): void {
    if (this.#service) return;
    this.#service = this.#in.traffic.of(name);
    this.#serviceName = name ?? '';
    this.#service.begin();
  }

  #send(target: Target): void {
    this.#target = target;
    this.#in.traffic.begin(target.id);
    const method = this.#request.method ?? 'GET';
    const { body } = this.#facts;
    const repeatable = body === 'none' && idempotent.has(method);
    this.#exchange = this.#in.upstream.send({ target, method, head: this.#head, body, repeatable }, this);
  }

  /** Nothing of the request was sent, and nothing of its body read: it can wait, if there is time and room for that. */
  #waitForTarget(held: boolean): void {
    const now = performance.now();
    const plight = {
      held,
      elapsedMs: now - this.#startedAt,
      trouble: this.#trouble,
      troubledMs: now - this.#troubledAt,
      rounds: this.#rounds,
    };
    const wait = planWait(plight, this.#in);
    if (wait.kind === 'wait') {
      const lookAgain = () => this.#attempt();
      const onExpired = wait.afterwards === 'try-again' ? lookAgain : () => this.#answer(wait.status);
      this.#tried = null;
      if (!held) this.#rounds += 1;
      this.#leaveHold = this.#in.holdRoom.enter(wait.waitMs, { onChange: lookAgain, onExpired });
      if (this.#leaveHold) return;
    }
    this.#answer(wait.status);
  }

  onReady(): void {
    if (this.#exchange) this.#upload?.pump(this.#exchange, { idleMs: this.#in.uploadIdleMs, onSilence: () => this.#giveUpUpload() });
  }

  onDrain(): void {
    this.#upload?.resume();
  }

  #giveUpUpload(): void {
    this.#exchange?.abort();
    if (this.#response.headersSent) this.#breakOff('aborted');
    else this.#answer(408, undefined, true);
  }

  onInformation(head: AnswerHead): void {
    if (this.#request.httpVersion !== '1.1' || (head.status === 100 && !this.#facts.expectsContinue)) return;
    this.#continued ||= head.status === 100;
    try {
      this.#response.writeInformation(head.status, head.headers);
    } catch (thrown) {
      this.#in.log.debug({ service: this.#serviceName, reason: errorMessage(thrown) }, 'interim answer left out');
    }
  }

  onHead(head: AnswerHead, whole: string | null): void {
    if (this.#target) this.#in.avoidance.forgive(this.#target.id);
    const { headers } = head;
    if (whole !== null && head.body.kind === 'chunked') headers.push('Content-Length', String(whole.length));
    // Announced where no chunks follow, trailers would be an error.
    const chunks = whole === null && head.body.kind === 'chunked' && this.#request.httpVersion === '1.1';
    if (head.trailer !== null && chunks) headers.push('Trailer', head.trailer);
    this.#closes = this.#mustClose();
    if (this.#closes) headers.push('Connection', 'close');
    this.#response.sendDate = false;
    try {
      this.#response.writeHead(head.status, head.reason, headers);
    } catch (thrown) {
      this.#exchange?.abort();
      this.onFailure({ kind: 'bad-answer', reason: errorMessage(thrown) });
      return;
    }
    if (whole === null) {
      this.#response.on('drain', () => this.#exchange?.resume());
      // Whoever streams events wants the head now, not with the first event.
      this.#response.flushHeaders();
      return;
    }
    this.#finish(whole);
    this.#end(head.status);
  }

  onData(bytes: Buffer): boolean {
    return this.#response.write(Buffer.from(bytes));
  }

  onEnd(trailers: readonly string[]): void {
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#finish('');
    this.#end(this.#response.statusCode);
  }

  onFailure(failure: UpstreamFailure): void {
    const target = this.#target;
    this.#leaveTarget();
    const level = this.#rounds === 0 ? 'warn' : 'debug';
    this.#in.log[level](
      { service: this.#serviceName, target: target?.id, failure: failure.kind, reason: failure.reason },
      'upstream failed',
    );
    switch (failure.kind) {
      case 'unreachable':
      case 'busy':
      case 'retired':
        this.#tried ??= new Set();
        if (target && failure.kind !== 'retired') this.#tried.add(target.id);
        if (target && failure.kind === 'unreachable') this.#in.avoidance.avoid(target.id);
        if (this.#trouble === null) this.#troubledAt = performance.now();
        this.#trouble = failure.kind;
        this.#attempt();
        break;
      case 'too-slow':
        this.#answer(504);
        break;
      case 'no-answer':
      case 'bad-answer':
      case 'broken':
        if (this.#response.headersSent) this.#breakOff(502);
        else this.#answer(502);
        break;
      default:
        failure satisfies never;
    }
  }

  /**
   * Ends the answer. Where the connection closes with it, the rest of an upload is read first: closing on unread bytes makes the kernel
   * send a reset, which can destroy the answer before the client reads it.
   */
  #finish(last: string): void {
    const response = this.#response;
    const closes = this.#closes || !response.shouldKeepAlive;
    if (this.#upload?.unfinished && closes && !this.#waitsForContinue()) {
      if (last !== '') response.write(last, 'latin1');
      this.#upload.whenOver(() => response.end());
    } else if (last === '') {
      response.end();
    } else {
      response.end(last, 'latin1');
    }
  }

  /** The client sends its body only after a 100, and none came. */
  #waitsForContinue(): boolean {
    return this.#facts.expectsContinue && !this.#continued;
  }

  /** The proxy's own answer. */
  #answer(status: ErrorStatus, detail?: string, close = false): void {
    if (this.#over) return;
    this.#enter(null);
    const page = errorPage(status, { accept: this.#request.headers.accept, ...(detail === undefined ? {} : { detail }) });
    this.#closes = close || this.#mustClose();
    if (this.#closes) page.headers.push('Connection', 'close');
    this.#response.writeHead(page.status, page.reason, page.headers);
    this.#finish(page.body);
    this.#end(status);
  }

  /** The answer cannot be completed: the client must see that, so its connection breaks. */
  #breakOff(ending: Ending): void {
    // Without a length and without chunks the end of the connection is the end of the body: only a reset tells the truth.
    if (this.#request.httpVersion === '1.0') this.#request.socket.resetAndDestroy();
    else this.#request.socket.destroy();
    this.#end(ending);
  }

  #mustClose(): boolean {
    return this.#in.isStopping() || (this.#waitsForContinue() && this.#upload?.unfinished === true);
  }

  #leaveTarget(): void {
    if (this.#target) this.#in.traffic.end(this.#target.id);
    this.#target = null;
    this.#exchange = null;
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#leaveHold?.();
    const target = this.#target?.id;
    this.#leaveTarget();
    this.#upload?.discard();
    const elapsedMs = performance.now() - this.#startedAt;
    this.#service?.end(ending, elapsedMs / 1_000);
    if (!this.#in.log.isLevelEnabled('debug')) return;
    const { method } = this.#request;
    // The query stays out of the log: people put secrets there.
    const [path] = this.#facts.path.split('?', 1);
    this.#in.log.debug(
      { service: this.#serviceName, method, host: this.#facts.authority, path, status: ending, target, elapsedMs },
      'request',
    );
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2] ?? '', flat[index * 2 + 1] ?? '']);
}
