import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { RetryableError } from '@kedge/shared/kernel';
import type { HonourCommand } from '../honour-command.ts';
import { node, web } from '../testing/simulated-proxies.ts';
import { createCommandIntake } from './commands.ts';

const command = {
  subject: 'deploy.requested' as const,
  event: {
    specversion: '1.0' as const,
    id: 'ask-1',
    source: 'test',
    type: 'deploy.requested.v1',
    time: '2026-01-01T00:00:00.000Z',
    kedgenode: node,
    data: { service: web },
  },
};

function openDoor() {
  const told: string[] = [];
  const state = { mayAct: true, isAway: false };
  let handle: HonourCommand | null = null;
  const consume = async (_durable: string, given: unknown) => {
    if (state.isAway) throw new RetryableError('BUS_UNAVAILABLE', 'the bus is away');
    told.push('reads');
    handle = given as HonourCommand;
    return { close: async () => void told.push('closed') };
  };
  const intake = createCommandIntake({
    bus: { consume: consume as Bus['consume'] },
    honour: async ({ event }) => {
      told.push(event.id);
      return { kind: 'done' };
    },
    mayAct: () => state.mayAct,
  });
  return { intake, told, state, deliver: async () => await handle?.(command) };
}

describe('the door for commands', () => {
  it('gives a command back when this instance may not act', async () => {
    const { intake, told, state, deliver } = openDoor();
    await intake.open();
    assert.deepEqual(await deliver(), { kind: 'done' });
    state.mayAct = false;
    assert.deepEqual(await deliver(), { kind: 'later', afterMs: 1_000 });
    assert.deepEqual(told, ['reads', 'ask-1']);
  });

  it('has one reader at a time, however quickly it opens and shuts', async () => {
    const { intake, told } = openDoor();
    await Promise.all([intake.open(), intake.open(), intake.shut(), intake.open(), intake.close(), intake.close()]);
    assert.deepEqual(told, ['reads', 'closed', 'reads', 'closed']);
  });

  it('can be opened after that failed', async () => {
    const { intake, told, state } = openDoor();
    state.isAway = true;
    await assert.rejects(intake.open(), { code: 'BUS_UNAVAILABLE' });
    state.isAway = false;
    await intake.open();
    assert.deepEqual(told, ['reads']);
  });
});
