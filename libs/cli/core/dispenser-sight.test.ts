import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configNamedBy, type DispenserProcess, type DispenserSight, describeSight, judgeSight } from './dispenser-sight.ts';

const folder = '/opt/dispenser';

describe('judgeSight', () => {
  const here: DispenserProcess = { pid: 12, startedIn: folder };
  const elsewhere: DispenserProcess = { pid: 13, startedIn: '/srv/other' };
  const hidden: DispenserProcess = { pid: 14, startedIn: null };
  const gone: DispenserSight = { kind: 'gone' };
  const byProcess = (pid: number): DispenserSight => ({ kind: 'runs', pid, by: 'process' });

  const table: readonly (readonly [
    name: string,
    processes: readonly DispenserProcess[],
    pidInFile: number | null,
    sight: DispenserSight,
  ])[] = [
    ['no process and no file', [], null, gone],
    ['a file that a killed one left', [], 12, gone],
    ['a file, and another process of that name elsewhere', [elsewhere], 12, gone],
    ['the process that the file names, wherever it works', [hidden], 14, { kind: 'runs', pid: 14, by: 'pid-file' }],
    ['a process that was started there, and no file', [elsewhere, here], null, byProcess(12)],
    ['a process that was started there, and a file that is older', [here], 99, byProcess(12)],
    ['a process whose main file lies there', [{ pid: 15, startedIn: '/', configIn: folder }], null, byProcess(15)],
    [
      'a process whose main file lies there, started nobody knows where',
      [{ pid: 15, startedIn: null, configIn: folder }],
      null,
      byProcess(15),
    ],
    ['a process started there whose main file lies elsewhere', [{ pid: 15, startedIn: folder, configIn: '/etc' }], null, byProcess(15)],
    ['a process elsewhere', [elsewhere], null, gone],
    ['a process whose main file lies elsewhere, started nobody knows where', [{ pid: 15, startedIn: null, configIn: '/etc' }], null, gone],
    ['a process of which nothing is seen', [elsewhere, hidden], null, { kind: 'may-run', pid: 14 }],
    ['a main file that nobody can place', [{ pid: 15, startedIn: '/', configIn: null }], null, { kind: 'may-run', pid: 15 }],
    [
      'a main file in a folder of which only the name is known',
      [{ pid: 15, startedIn: '/', configIn: null, calledThere: '/config' }],
      null,
      { kind: 'may-run', pid: 15, calledThere: '/config' },
    ],
    ['a folder of that name which is not seen', [{ pid: 15, startedIn: null, configIn: null, calledThere: folder }], null, byProcess(15)],
    ['one that is there, behind one of which nothing is seen', [hidden, here], null, byProcess(12)],
  ];
  for (const [name, processes, pidInFile, sight] of table) {
    it(`says "${sight.kind}" of ${name}`, () => assert.deepEqual(judgeSight({ folder, pidInFile, processes, seesAll: true }), sight));
    it(`never says that it is gone where not all processes are seen: ${name}`, () => {
      const blind = judgeSight({ folder, pidInFile, processes, seesAll: false });
      assert.deepEqual(blind, sight.kind === 'gone' ? { kind: 'unseen', pid: pidInFile } : sight);
    });
  }
});

describe('configNamedBy', () => {
  const table: readonly (readonly [line: string, config: string | null])[] = [
    ['dispenser', null],
    ['/usr/local/bin/dispenser --config /opt/dispenser/dispenser.toml', '/opt/dispenser/dispenser.toml'],
    ['dispenser --config=a.toml', 'a.toml'],
    ['dispenser -c a.toml dev -s api', 'a.toml'],
    ['dispenser -ca.toml', 'a.toml'],
    ['dispenser -c=a.toml', 'a.toml'],
    ['dispenser -p x.pid', null],
    ['dispenser -c', null],
  ];
  for (const [line, config] of table)
    it(`finds ${config ?? 'none'} in "${line}"`, () => assert.equal(configNamedBy(line.split(' ')), config));
});

describe('describeSight', () => {
  const table: readonly (readonly [sight: DispenserSight, sentence: RegExp])[] = [
    [{ kind: 'runs', pid: 12, by: 'pid-file' }, /^Dispenser runs on this folder \(process 12, as dispenser\.pid says\)$/],
    [{ kind: 'runs', pid: 12, by: 'process' }, /^Dispenser runs on this folder \(process 12\)$/],
    [
      { kind: 'may-run', pid: 12 },
      /^Whether the Dispenser that runs \(process 12\) works on this folder is not known: look with "sudo readlink \/proc\/12\/cwd"/,
    ],
    [
      { kind: 'may-run', pid: 12, calledThere: '/my config' },
      /not known: it calls its folder \/my config, which is not seen from here; look with "sudo ls '\/proc\/12\/root\/my config\/'" on the machine itself$/,
    ],
    [{ kind: 'gone' }, /^No process of Dispenser works on this folder$/],
    [{ kind: 'unseen', pid: null }, /cannot be seen from here: check with "pgrep -ax dispenser"/],
    [{ kind: 'unseen', pid: 12 }, /cannot be seen from here: check with "ps -p 12"/],
  ];
  for (const [sight, sentence] of table) it(`tells ${JSON.stringify(sight)}`, () => assert.match(describeSight(sight), sentence));
});
