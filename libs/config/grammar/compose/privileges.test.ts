import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { Capabilities, SecurityOptions } from './privileges.ts';

describe('privileges', () => {
  testForms('capabilities', {
    schema: Capabilities,
    reads: [
      [
        ['NET_ADMIN', 'cap_sys_time', 'ALL', 'CAP_NET_ADMIN'],
        ['NET_ADMIN', 'SYS_TIME', 'ALL'],
      ],
      [[], []],
    ],
    refuses: [
      [['NET_ADMN'], /0 is no capability of Linux; write one such as "NET_ADMIN", or "ALL"/],
      [['NET ADMIN'], /is no capability/],
      ['NET_ADMIN', /expected array/],
    ],
  });
  const fine = [
    'no-new-privileges',
    'no-new-privileges:true',
    'no-new-privileges=false',
    'apparmor=docker-default',
    'label:disable',
    'seccomp=unconfined',
    'seccomp:builtin',
    'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
    'systempaths=unconfined',
    'writable-cgroups=true',
  ];
  testForms('security_opt', {
    schema: SecurityOptions,
    reads: [[fine, fine]],
    refuses: [
      [['no-new-privilege'], /0 must be "no-new-privileges", "apparmor=…"/],
      [['no-new-privileges:maybe'], /must be "no-new-privileges"/],
      [['seccomp=./profile.json'], /Kedge reads no profile from a file/],
      [['seccomp={'], /has a seccomp profile that is no valid JSON/],
      [['systempaths=x'], /systempaths=unconfined/],
      [['apparmor'], /must be/],
    ],
  });
});
