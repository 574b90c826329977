import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inLogContext, logContext, outsideLogContext } from './log-context.ts';

describe('the context of a log line', () => {
  it('is what all around it said, the innermost last', async () => {
    const seen = await inLogContext({ event: 'e-1', service: 'web' }, async () => {
      await turn();
      return inLogContext({ service: 'api' }, logContext);
    });
    assert.deepEqual(seen, { event: 'e-1', service: 'api' });
    assert.deepEqual(logContext(), {});
  });

  it('is not inherited by what was only woken', async () => {
    const seen = inLogContext({ event: 'e-1' }, () =>
      outsideLogContext(async () => {
        await turn();
        return logContext();
      }),
    );
    assert.deepEqual(await seen, {});
  });
});
