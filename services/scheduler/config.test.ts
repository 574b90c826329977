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

  it('must exist', () => {
    assert.throws(() => readEnvironment(SchedulerConfig, { KEDGE_ZONE: 'Europe/Berlinn' }), /IANA time zone/);
    assert.throws(() => readEnvironment(SchedulerConfig, { TZ: ':/etc/localtime' }), /IANA time zone/);
  });
});
