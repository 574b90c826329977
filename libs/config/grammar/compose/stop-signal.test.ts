import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { StopSignal } from './stop-signal.ts';

describe('a stop signal', () => {
  testForms('stop_signal', {
    schema: StopSignal,
    reads: [
      ['SIGQUIT', 'SIGQUIT'],
      ['quit', 'SIGQUIT'],
      [' sigusr1 ', 'SIGUSR1'],
      ['SIGRTMIN+3', 'SIGRTMIN+3'],
      ['RTMAX-14', 'SIGRTMAX-14'],
      ['15', '15'],
      [15, '15'],
    ],
    refuses: [
      ['SIGTREM', /is no signal of Linux; write one such as "SIGTERM"/],
      ['SIGRTMIN+16', /is no signal/],
      ['0', /is no signal/],
      [65, /is no signal/],
      ['', /is no signal/],
      [true, /name or number of a signal/],
    ],
  });
});
