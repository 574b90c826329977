import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment } from '@kedge/shared/service';
import { SchedulerConfig } from './config.ts';

describe('the zone', () => {
  it('is KEDGE_ZONE, else TZ, else UTC', () => {
    assert.deepEqual(readEnvironment(SchedulerConfig, { KEDGE_ZONE: 'Europe/Berlin', TZ: 'Asia/Tokyo' }), { zone: 'Europe/Berlin' });
    assert.deepEqual(readEnvironment(SchedulerConfig, { KEDGE_ZONE: '', TZ: 'Asia/Tokyo' }), { zone: 'Asia/Tokyo' });
    assert.deepEqual(readEnvironment(SchedulerConfig, {}), { zone: 'UTC' });
    assert.deepEqual(readEnvironment(SchedulerConfig, { KEDGE_ZONE: 'UTC', TZ: ':/etc/localtime' }), { zone: 'UTC' });
  });

  const refused: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [
      { KEDGE_ZONE: 'Europe/Berlinn' },
      /KEDGE_ZONE: "Europe\/Berlinn" is no IANA time zone; did you mean "Europe\/Berlin"\? Set KEDGE_ZONE/,
    ],
    [{ KEDGE_ZONE: 'UTCC' }, /did you mean "UTC"\?/],
    [{ KEDGE_ZONE: 'somewhere on the moon' }, /write it like "Europe\/Berlin" or "UTC"\. Set KEDGE_ZONE/],
    [{ TZ: ':/etc/localtime' }, /TZ: ":\/etc\/localtime" is no IANA time zone; .*Set KEDGE_ZONE/],
    [{ KEDGE_ZONE: 'Nowhere', TZ: 'UTC' }, /KEDGE_ZONE: /],
  ];
  for (const [environment, message] of refused) {
    it(`must exist: ${JSON.stringify(environment)}`, () =>
      assert.throws(() => readEnvironment(SchedulerConfig, environment), { code: 'CONFIG_INVALID', message }));
  }
});
