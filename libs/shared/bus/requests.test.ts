import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
    const { serve } = createRequests({ connection, subscribe, metrics: createBusMetrics(), log });
    const ask = (respond: Question['respond']) => callbacks[0]?.({ data: new TextEncoder().encode('{}'), respond });
    return { serve, ask, lines };
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
});
