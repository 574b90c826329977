import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { recordingLog } from '@kedge/shared/testing';
import { Gauge, Registry } from 'prom-client';
import { createCronNotices } from './cron-notices.ts';

const web = ServiceName.parse('web');
const job = ServiceName.parse('job');

describe('cron notices', () => {
  function notices() {
    const { log, lines } = recordingLog();
    const gauge = new Gauge({ name: 'invalid', help: 'x', registers: [new Registry()] });
    return {
      notices: createCronNotices({ log, invalidExpressions: gauge }),
      lines,
      count: async () => (await gauge.get()).values[0]?.value,
    };
  }

  it('says the same thing about the same expression once', () => {
    const { notices: to, lines } = notices();
    for (let pass = 0; pass < 3; pass += 1) {
      to.invalid({ service: web, cron: 'x', reason: 'no' });
      to.valid({ service: job, cron: '0 0 0 * * 1', warning: 'careful' });
    }
    assert.equal(lines.length, 2);
    to.invalid({ service: web, cron: 'y', reason: 'no' });
    to.valid({ service: job, cron: '0 0 0 * * 2', warning: 'careful' });
    assert.equal(lines.length, 4);
    to.valid({ service: job, cron: '0 0 0 * * MON', warning: null });
    assert.equal(lines.length, 4);
  });

  it('says it again for a service that was gone in between', () => {
    const { notices: to, lines } = notices();
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    to.gone(web);
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    assert.equal(lines.length, 2);
  });

  it('counts the services whose expression is not valid', async () => {
    const { notices: to, count } = notices();
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    to.invalid({ service: job, cron: 'x', reason: 'no' });
    assert.equal(await count(), 2);
    to.valid({ service: web, cron: '* * * * *', warning: null });
    assert.equal(await count(), 1);
    to.gone(job);
    assert.equal(await count(), 0);
  });

  it('counts a service no longer that is not among those that there are', async () => {
    const { notices: to, count, lines } = notices();
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    to.invalid({ service: job, cron: 'x', reason: 'no' });
    to.keepOnly(new Set([job]));
    assert.equal(await count(), 1);
    to.invalid({ service: web, cron: 'x', reason: 'no' });
    assert.equal(lines.length, 3, 'and it is told again when it comes back');
  });
});
