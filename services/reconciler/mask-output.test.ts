import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, Sealed } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { maskOutput } from './mask-output.ts';
import type { ContainerEngine } from './ports.ts';

const engine: Pick<ContainerEngine, 'logs'> = { logs: async () => ['begins', 'cannot reach postgres://u:hunter2hunter2@db'] };
const options = { lines: 20 };

describe('what containers printed', () => {
  it('is masked before anybody sees it', async () => {
    const masked = maskOutput(engine, { mask: { values: async () => [new Sealed('hunter2hunter2')] }, log: silentLog() });
    assert.deepEqual(await masked.logs('c1', options), ['begins', 'cannot reach postgres://u:[sealed]@db']);
  });

  it('is withheld when nobody can tell what to mask', async () => {
    const values = async () => await Promise.reject(new RetryableError('REQUEST_UNANSWERED', 'nobody'));
    const [line = '', ...more] = await maskOutput(engine, { mask: { values }, log: silentLog() }).logs('c1', options);
    assert.match(line, /2 lines withheld/);
    assert.deepEqual(more, []);
  });
});
