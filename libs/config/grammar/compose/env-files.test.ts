import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { EnvFiles } from './env-files.ts';

describe('env files', () => {
  testForms('env_file', {
    schema: EnvFiles,
    reads: [
      ['web.env', [{ path: 'web.env', required: true }]],
      [
        ['a.env', { path: 'b.env', required: false }, { path: 'c.env' }],
        [
          { path: 'a.env', required: true },
          { path: 'b.env', required: false },
          { path: 'c.env', required: true },
        ],
      ],
      [[], []],
    ],
    refuses: [
      [5, /must be a path, or \{ path = "web.env", required = false \}, or an array/],
      [[5], /must be a path, or/],
      ['', /must not be empty/],
      ['a\0', /NUL/],
    ],
  });
});
