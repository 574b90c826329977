import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Tmpfs } from './file-systems.ts';

describe('file systems in memory', () => {
  testForms('tmpfs', {
    schema: Tmpfs,
    reads: [
      ['/run', ['/run']],
      [
        ['/run:size=64m,mode=1777,noexec', '/tmp:uid=1000,gid=1000,ro'],
        ['/run:size=64m,mode=1777,noexec', '/tmp:uid=1000,gid=1000,ro'],
      ],
    ],
    refuses: [
      ['run', /must be a path in the container/],
      ['/', /must be a path in the container/],
      ['/a/../..', /must be a path in the container/],
      ['/a\0', /must be a path in the container/],
      ['/run:siez=64m', /an option that no tmpfs knows; there are size, mode/],
      [[5], /expected string/],
      [5, /must be one text, or an array/],
    ],
  });
});
