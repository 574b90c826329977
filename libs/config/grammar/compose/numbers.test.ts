import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { wholeNumber } from './numbers.ts';

describe('whole numbers', () => {
  testForms('from -1 on', {
    schema: wholeNumber(-1),
    reads: [
      [5, 5],
      ['5', 5],
      ['-1', -1],
    ],
    refuses: [
      [-2, /from -1 on/],
      [1.5, /from -1 on/],
      ['1e3', /from -1 on/],
      ['', /from -1 on/],
      [undefined, /is missing; it must be a whole number from -1 on/],
    ],
  });
});
