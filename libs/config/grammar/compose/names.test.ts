import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Dns, ExtraHosts } from './names.ts';

describe('names and who tells them', () => {
  testForms('dns', {
    schema: Dns,
    reads: [
      ['1.1.1.1', ['1.1.1.1']],
      [
        ['1.1.1.1', '[::1]'],
        ['1.1.1.1', '::1'],
      ],
    ],
    refuses: [
      ['dns.example.com', /must be an IP address/],
      [5, /must be one address/],
    ],
  });
  testForms('extra_hosts', {
    schema: ExtraHosts,
    reads: [
      [
        ['db:10.0.0.7', 'six:::1', 'seven=[fe80::1]', 'me=host-gateway'],
        ['db:10.0.0.7', 'six:::1', 'seven:fe80::1', 'me:host-gateway'],
      ],
      [{ db: '10.0.0.7', six: ['::1', '10.0.0.8'] }, ['db:10.0.0.7', 'six:::1', 'six:10.0.0.8']],
    ],
    refuses: [
      [['db'], /0 must be a name and its address/],
      [['db:somewhere'], /must be a name and its address/],
      [['a b:10.0.0.1'], /must be a name and its address/],
      [['db:fe80::1%eth0'], /must be a name and its address/],
      [{ db: 'x' }, /db must be a name and its address/],
      [5, /an array of those, or a table/],
    ],
  });
});
