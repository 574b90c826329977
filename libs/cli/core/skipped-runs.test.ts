import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceStatus, statusReply } from '../testing/samples.ts';
import { withoutSkippedRuns } from './skipped-runs.ts';

const at = '2026-03-01T12:00:03.000Z';

describe('withoutSkippedRuns', () => {
  const services = [serviceStatus({ nextRun: at }), serviceStatus()];

  it('leaves out the next runs alone while everything is down', () => {
    const down = { since: at };
    assert.deepEqual(
      withoutSkippedRuns(statusReply({ services, down })),
      statusReply({ services: [serviceStatus(), serviceStatus()], down }),
    );
  });

  it('changes nothing while it is up', () => assert.deepEqual(withoutSkippedRuns(statusReply({ services })), statusReply({ services })));
});
