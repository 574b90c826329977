import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Gpus } from './gpus.ts';

describe('gpus', () => {
  testForms('gpus', {
    schema: Gpus,
    reads: [
      ['all', [{ count: -1 }]],
      [[{ count: 'all' }], [{ count: -1 }]],
      [
        [{ driver: 'nvidia', device_ids: ['0'], capabilities: ['gpu'], options: { a: 1 } }],
        [{ driver: 'nvidia', device_ids: ['0'], capabilities: ['gpu'], options: { a: '1' } }],
      ],
      [[{ count: 2, options: ['a=b'] }], [{ count: 2, options: { a: 'b' } }]],
    ],
    refuses: [
      ['some', /must be "all"/],
      [2, /must be "all", or an array/],
      [[{ count: 0 }], /must be "all", or how many|Invalid input/],
      [[{ count: 1 }, { cont: 1 }], /1 Unrecognized key/],
      [[{ device_ids: [''] }], /device_ids.0 must not be empty/],
      [[{ count: 1, device_ids: ['0'] }], /device_ids does not go with count/],
    ],
  });
});
