import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headers, TimeoutError } from '@nats-io/transport-node';
import { RetryableError, TerminalError } from '../kernel/index.ts';
import { recordingLog, waitUntil } from '../testing/index.ts';
import { createBusMetrics } from './bus-metrics.ts';
import { createRequests } from './requests.ts';

type Serve = Parameters<typeof createRequests>[0]['subscribe'];
type Question = Parameters<Parameters<Serve>[1]>[0];

describe('an answer', () => {
  function serving() {
    const { log, lines } = recordingLog();
    const callbacks: ((message: Question) => void)[] = [];
    const connection = { during: async () => await Promise.reject(new Error('nobody asks here')) };
    const subscribe: Serve = (_subject, callback) => callbacks.push(callback);
    const metrics = createBusMetrics();
    const { serve } = createRequests({ connection, subscribe, metrics, log });
    const ask = (respond: Question['respond'], question = '{}') => callbacks[0]?.({ data: new TextEncoder().encode(question), respond });
    return { serve, ask, lines, metrics };
  }

  it('that cannot be sent any more is told in the log, and fails nobody', async () => {
    const { serve, ask, lines } = serving();
    serve('watcher.check', async () => ({ checked: [] }));
    let tries = 0;
    ask(() => {
      tries += 1;
      throw new Error('closed connection');
    });
    await waitUntil(() => lines.some((line) => line.includes('an answer could not be sent')));
    assert.equal(tries, 1);
  });

  it('that is larger than the bus takes becomes a refusal with a reason', async () => {
    const { serve, ask } = serving();
    serve('config.validate', async () => ({ ok: true, problems: [], services: [], revision: 'r'.repeat(2_000_000) }));
    const said: string[] = [];
    ask((payload, options) => {
      said.push(options?.headers?.get('Kedge-Error-Code') ?? '', String(payload));
      return true;
    });
    await waitUntil(() => said.length > 0);
    assert.equal(said[0], 'TOO_LARGE');
    assert.match(said[1] ?? '', /the answer to config\.validate has 1\d+ kB/);
  });

  it('to what does not fit the contract is a refusal, counted, and nobody is asked', async () => {
    const { serve, ask, metrics } = serving();
    serve('watcher.check', async () => await Promise.reject(new Error('nobody is to be asked')));
    const codes: string[] = [];
    ask((_payload, options) => {
      codes.push(options?.headers?.get('Kedge-Error-Code') ?? '');
      return true;
    }, '{"reference":7}');
    await waitUntil(() => codes.length > 0);
    assert.deepEqual(codes, ['REQUEST_INVALID']);
    assert.deepEqual((await metrics.rejected.get()).values, [{ value: 1, labels: { subject: 'watcher.check' } }]);
  });

  it('that is none says whether asking again may help', async () => {
    for (const [thrown, code, retryable] of [
      [new RetryableError('REGISTRY_UNREACHABLE', 'a reason'), 'REGISTRY_UNREACHABLE', true],
      [new TerminalError('CONFIG_INVALID', 'a reason'), 'CONFIG_INVALID', false],
      [new Error('a reason'), 'UNEXPECTED', false],
    ] as const) {
      const { serve, ask } = serving();
      serve('watcher.check', async () => await Promise.reject(thrown));
      const said: unknown[] = [];
      ask((payload, options) => {
        said.push(options?.headers?.get('Kedge-Error-Code'), JSON.parse(String(payload)));
        return true;
      });
      await waitUntil(() => said.length > 0);
      assert.deepEqual(said, [code, { message: 'a reason', retryable }]);
    }
  });
});

describe('a question', () => {
  type Reply = { readonly text: string; readonly code?: string };

  function asking(reply: (timeout: number) => Reply) {
    const request = async (_subject: string, _bytes: Uint8Array, { timeout }: { readonly timeout: number }) => {
      const { text, code } = reply(timeout);
      const head = headers();
      if (code !== undefined) head.set('Kedge-Error-Code', code);
      return { data: new TextEncoder().encode(text), headers: head };
    };
    const { log } = recordingLog();
    const connection = {
      during: async <Result>(call: (link: { connection: { request: typeof request } }) => Promise<Result>) =>
        await call({ connection: { request } }),
    };
    return createRequests({ connection, subscribe: () => undefined, metrics: createBusMetrics(), log }).request;
  }

  it('is answered with what fits the contract, and no more', async () => {
    const request = asking(() => ({ text: '{"checked":[],"added":"by a later version"}' }));
    assert.deepEqual(await request('watcher.check', {}), { checked: [] });
  });

  it('waits as long as it is told, by default 5 s', async () => {
    const waits: number[] = [];
    const request = asking((timeout) => {
      waits.push(timeout);
      return { text: '{"checked":[]}' };
    });
    await request('watcher.check', {});
    await request('watcher.check', {}, { timeoutMs: 60_000 });
    assert.deepEqual(waits, [5_000, 60_000]);
  });

  const refusals: readonly (readonly [what: string, reply: Reply, expected: object])[] = [
    [
      'that may be asked again',
      { text: '{"message":"it is away","retryable":true}', code: 'REGISTRY_UNREACHABLE' },
      { name: 'RetryableError', code: 'REGISTRY_UNREACHABLE', message: 'it is away' },
    ],
    [
      'for good',
      { text: '{"message":"it is wrong","retryable":false}', code: 'CONFIG_INVALID' },
      { name: 'TerminalError', code: 'CONFIG_INVALID', message: 'it is wrong' },
    ],
    ['without a reason', { text: '', code: 'UNEXPECTED' }, { name: 'RetryableError', code: 'UNEXPECTED' }],
    ['by an answer that does not fit', { text: '{"checked":7}' }, { name: 'RetryableError', code: 'REPLY_INVALID' }],
  ];
  for (const [what, reply, expected] of refusals) {
    it(`that is refused ${what} is an error of the same kind`, async () => {
      await assert.rejects(asking(() => reply)('watcher.check', {}), expected);
    });
  }

  for (const [what, thrown, message] of [
    ['that nobody is there to answer', new Error('no responders'), 'watcher did not answer watcher.check: no responders'],
    ['that nobody answered in time', new TimeoutError(), 'watcher did not answer watcher.check within 5 s'],
  ] as const) {
    it(`${what} may be asked again, and names who should have`, async () => {
      const request = asking(() => {
        throw thrown;
      });
      await assert.rejects(request('watcher.check', {}), { name: 'RetryableError', code: 'REQUEST_UNANSWERED', message });
    });
  }
});
