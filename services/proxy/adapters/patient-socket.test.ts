import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { PatientSocket } from './patient-socket.ts';

function arrange(t: TestContext, { patient = true } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const socket = new PatientSocket();
  socket.patient = patient;
  socket.on('error', () => undefined);
  return { socket, pass: (ms: number) => t.mock.timers.tick(ms) };
}

const writeFailure = () => Object.assign(new Error('write EPIPE'), { syscall: 'write' });

describe('a socket that can no longer be written to', () => {
  it('is listened to for a moment', (t) => {
    const { socket, pass } = arrange(t);
    socket.destroy(writeFailure());
    socket.destroy(writeFailure());
    pass(249);
    assert.equal(socket.destroyed, false);
    pass(1);
    assert.equal(socket.destroyed, true);
  });

  it('is not, where nothing more is being sent', (t) => {
    const { socket } = arrange(t, { patient: false });
    socket.destroy(writeFailure());
    assert.equal(socket.destroyed, true);
  });

  it('ends at once for any other reason', (t) => {
    for (const reason of [undefined, Object.assign(new Error('read ECONNRESET'), { syscall: 'read' })]) {
      const socket = new PatientSocket();
      socket.patient = true;
      socket.on('error', () => undefined);
      socket.destroy(reason);
      assert.equal(socket.destroyed, true);
    }
    const { socket, pass } = arrange(t);
    socket.destroy(writeFailure());
    socket.destroy();
    assert.equal(socket.destroyed, true);
    pass(1_000);
  });
});
