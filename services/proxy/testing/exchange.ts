import { Target } from '@kedge/shared/contracts';
import { Exchange } from '../adapters/upstream-exchange.ts';
import type { UpstreamFailure, UpstreamRequest } from '../ports.ts';

/** An exchange without a client behind it, and what became of it: `200 body` or the kind of its failure. */
export interface TestExchange {
  readonly exchange: Exchange;
  readonly outcome: () => string | null;
  readonly failure: () => UpstreamFailure | null;
}

export function targetAt(port: number): Target {
  return Target.parse({ id: `t${port}`, address: '127.0.0.1', port, release: `v1:${'0'.repeat(64)}`, state: 'ready' });
}

/** A request for `/` unless told otherwise. */
export function makeExchange(target: Target, rest: Partial<UpstreamRequest> = {}): TestExchange {
  let status = 0;
  let body = '';
  let outcome: string | null = null;
  let failure: UpstreamFailure | null = null;
  const headers = ['Host', 'web.test'];
  const asked = { target, scheme: 'http', method: 'GET', path: '/', headers, body: 'none', repeatable: true } as const;
  const request: UpstreamRequest = { ...asked, ...rest };
  const exchange: Exchange = new Exchange(request, {
    onReady: () => undefined,
    onInformation: () => undefined,
    onHead(head, whole) {
      ({ status } = head);
      if (whole !== null) outcome = `${status} ${whole}`;
    },
    onData(bytes) {
      body += bytes.toString('latin1');
      return true;
    },
    onDrain: () => undefined,
    onEnd() {
      outcome = `${status} ${body}`;
    },
    onFailure(why) {
      failure = why;
      outcome = why.kind;
    },
  });
  return { exchange, outcome: () => outcome, failure: () => failure };
}
