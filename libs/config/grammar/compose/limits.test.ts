import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Ulimits } from './limits.ts';

describe('limits of the kernel', () => {
  testForms('ulimits', {
    schema: Ulimits,
    reads: [
      [
        { nofile: 65_535, nproc: '1024', core: -1, stack: { soft: 1, hard: '2' } },
        {
          nofile: { soft: 65_535, hard: 65_535 },
          nproc: { soft: 1024, hard: 1024 },
          core: { soft: -1, hard: -1 },
          stack: { soft: 1, hard: 2 },
        },
      ],
      [{ memlock: { soft: 1024, hard: -1 } }, { memlock: { soft: 1024, hard: -1 } }],
    ],
    refuses: [
      [{ nofiles: 5 }, /nofiles is no resource that the kernel limits \(the nearest is "nofile"\); there are core, cpu/],
      [{ nofile: 'many' }, /nofile (must be a whole number|Invalid)/],
      [{ nofile: -2 }, /must be a whole number/],
      [{ nofile: true }, /must be a whole number, or \{ soft = 1024, hard = 2048 \}/],
      [{ nofile: { soft: 5, hard: 4 } }, /soft limit above the hard one/],
      [{ nofile: { soft: -1, hard: 4 } }, /soft limit above the hard one/],
    ],
  });
});
