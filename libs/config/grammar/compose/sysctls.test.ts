import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Sysctls } from './sysctls.ts';

describe('settings of the kernel', () => {
  testForms('sysctls', {
    schema: Sysctls,
    reads: [
      [{ 'net.core.somaxconn': 1024 }, { 'net.core.somaxconn': '1024' }],
      [['net.core.somaxconn=1024', 'kernel.domainname=a=b'], { 'net.core.somaxconn': '1024', 'kernel.domainname': 'a=b' }],
    ],
    refuses: [
      [5, /must be a table such as/],
      [['net.core.somaxconn'], /0 must be a name, "=" and a value/],
      [['net.core.somaxconn='], /0 must be a name, "=" and a value/],
      // What TOML makes of a name with dots that has no quotes.
      [{ net: { core: { somaxconn: 1024 } } }, /net must be text.*write the whole name in quotes/],
    ],
  });
});
