import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Sysctls } from './sysctls.ts';

describe('settings of the kernel', () => {
  testForms('sysctls', {
    schema: Sysctls,
    reads: [
      [{ 'net.core.somaxconn': 1024 }, { 'net.core.somaxconn': '1024' }],
      [
        { 'fs.mqueue.msg_max': 10, 'kernel.msgmax': 8192, 'kernel.shm_rmid_forced': true, 'net/ipv4/conf/eth0.1/forwarding': 1 },
        { 'fs.mqueue.msg_max': '10', 'kernel.msgmax': '8192', 'kernel.shm_rmid_forced': 'true', 'net/ipv4/conf/eth0.1/forwarding': '1' },
      ],
      [['net.core.somaxconn=1024', 'kernel.domainname=a=b'], { 'net.core.somaxconn': '1024', 'kernel.domainname': 'a=b' }],
    ],
    refuses: [
      [5, /must be a table such as/],
      [['net.core.somaxconn'], /0 must be a name, "=" and a value/],
      [{ 'net.core.somaxconn': '' }, /must not be empty/],
      [{ 'net.core.somaxconn': [] }, /must be text, a number/],
      [{ '': 1 }, /must not be empty/],
      ...['a b.c', 'net.a b', 'net.a=b', 'net..x', 'vm.swappiness', 'kernel.shm_next_id', 'user.max_user_namespaces', 'vm/net.x'].map(
        (name) => [{ [name]: 1 }, /is no setting that a container has for itself, .* all that begin with "net."/] as const,
      ),
      [['vm.swappiness=10'], /0 is no setting that a container has for itself/],
      [{ 'kernel.hostname': 'x' }, /is what the key hostname of \[service\] says/],
      [['net.core.somaxconn='], /0 must be a name, "=" and a value/],
      [{ 'net.': 1 }, /net\. is no whole name of a setting/],
      // What TOML makes of a name with dots that has no quotes.
      [{ net: { core: { somaxconn: 1024 } } }, /net is no whole name of a setting; one has dots, and quotes around all of it/],
    ],
  });
});
