import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ValidateReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createFakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { web } from '../testing/samples.ts';

const fine: ValidateReply = { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: 'r1' };
const wrong: ValidateReply = {
  ...fine,
  ok: false,
  problems: [
    {
      file: 'web/service.toml',
      line: 4,
      column: 1,
      key: 'restrat',
      message: 'unknown key "restrat"',
      nearest: 'restart',
      excerpt: 'restrat = "no"',
    },
    { file: 'kedge.toml', line: 1, column: 9, message: 'delay must be a number' },
  ],
};

async function run(reply: ValidateReply, line: string) {
  return await runLine(createFakeBus({ 'config.validate': () => reply }), line);
}

describe('kedge validate', () => {
  it('says that all is well', async () => {
    const { exitCode, out, err } = await run(fine, 'validate');
    assert.deepEqual([exitCode, out, err], [0, 'kedge.toml is fine: 1 service.\n', 'Checked by the running stack.\n']);
  });

  it('names the folder that the stack reads, and how to have another one checked', async () => {
    const { out, err } = await run({ ...fine, folder: '/opt/old' }, 'validate');
    assert.equal(out, 'kedge.toml is fine: 1 service.\n');
    assert.match(err, /^Checked by the running stack, which reads \/opt\/old\. "kedge validate \S+" checks \S+\.\n$/);
  });

  it('says it in the words of Dispenser for a Dispenser folder', async () => {
    for (const line of ['validate', '--test', '-t']) {
      assert.equal((await run({ ...fine, entry: 'dispenser.toml' }, line)).out, 'Dispenser config is ok.\n');
    }
  });

  it('shows every problem with its place, and fails', async () => {
    for (const line of ['validate', '-t']) {
      const { exitCode, out } = await run(wrong, line);
      assert.equal(exitCode, 1);
      assert.deepEqual(out.split('\n'), [
        'web/service.toml:4:1: unknown key "restrat"',
        '  restrat = "no"',
        '  ^',
        '  did you mean "restart"?',
        '',
        'kedge.toml:1:9: delay must be a number',
        '',
        '2 problems in 2 files.',
        '',
      ]);
    }
  });

  it('says that a good configuration is held, and blames no line for it', async () => {
    const held = { revision: 'r2', removes: [web], since: '2026-03-01T11:00:00.000Z' };
    const problems = [{ file: 'kedge.toml', line: 1, column: 1, message: 'this configuration would remove 1 of 1 services (web)' }];
    const { exitCode, out } = await run({ ...fine, ok: false, problems, held }, 'validate');
    assert.equal(exitCode, 1);
    assert.equal(out, 'kedge.toml is fine, but held, because it would remove web: "kedge apply" shows that, and asks.\n');
  });

  it('shows what is dangerous after what is wrong, and fails for neither', async () => {
    const warnings = [{ file: 'web/service.toml', line: 2, column: 1, message: 'privileged', excerpt: 'privileged = true' }];
    const { exitCode, out } = await run({ ...fine, entry: 'dispenser.toml', warnings }, '-t');
    assert.equal(exitCode, 0);
    assert.equal(out, 'web/service.toml:2:1: warning: privileged\n  privileged = true\n  ^\n\nDispenser config is ok.\n');
    const terminal = createRecordingTerminal({ isTerminal: true });
    const painted = await runLine(createFakeBus({ 'config.validate': () => ({ ...wrong, warnings }) }), 'validate', { terminal });
    assert.ok(painted.out.indexOf('\u001b[33mweb/service.toml:2:1: warning') > painted.out.indexOf('\u001b[31mkedge.toml:1:9'));
    assert.match(painted.out, /2 problems in 2 files\. 1 warning\.\n$/);
  });

  it('lists what nobody could check', async () => {
    const notChecked = [{ file: 'web/service.toml', line: 3, column: 9, message: 'the value of db_password' }];
    const { exitCode, out } = await run({ ...fine, notChecked }, 'validate');
    assert.equal(exitCode, 0);
    const told = /Not checked, because secret sources were not asked:\nweb\/service\.toml:3:9: the value of db_password\n\n/;
    assert.match(out, told);
    assert.match((await run({ ...wrong, notChecked }, 'validate')).out, told);
  });

  it('prints the answer itself for programs, with the same exit code', async () => {
    const { exitCode, out, err } = await run(wrong, 'validate --json');
    assert.deepEqual([exitCode, err], [1, '']);
    assert.deepEqual(JSON.parse(out), { by: 'stack', ...wrong, warnings: [], notChecked: [] });
  });
});

describe('kedge validate, without the stack', () => {
  let folder = '';
  const write = async (path: string, text: string) => await writeFile(join(folder, path), text);
  const service = '[service]\nname = "web"\nimage = "hello:1"\n[dispenser]\nwatch = true\n';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-validate-'));
    await mkdir(join(folder, 'web'));
  });
  beforeEach(async () => {
    await write('dispenser.toml', '[[service]]\npath = "web"\n');
    await write('web/service.toml', service);
  });
  after(async () => await rm(folder, { recursive: true }));

  const away = new RetryableError('BUS_UNAVAILABLE', 'nobody listens there');
  const alone = async (line: string, configFolder = '/nowhere') => await runLine(createFakeBus(), line, { refusal: away, configFolder });

  it('reads the folder that is named, and asks nobody', async () => {
    for (const line of [`validate ${folder}`, `-t ${folder}`, `-c ${folder} -t`, `--test --config=${folder}/dispenser.toml`]) {
      const { exitCode, out, err } = await alone(line);
      const named = line.endsWith('.toml') ? `${folder}/dispenser.toml` : folder;
      assert.deepEqual([exitCode, out, err], [0, 'Dispenser config is ok.\n', `Checked here, without the stack: ${named}\n`]);
    }
    const bus = createFakeBus({ 'config.validate': () => wrong });
    assert.equal((await runLine(bus, `validate ${folder}`)).exitCode, 0);
    assert.deepEqual(bus.asked, []);
  });

  it('reads the main file that is named, whatever it is called and whatever lies beside it', async () => {
    await write('staging.toml', '');
    await write('kedge.toml', 'dealy = 1\n');
    for (const [line, ends] of [
      [`-t -c ${folder}/staging.toml`, 'Dispenser config is ok.'],
      [`validate ${folder}/staging.toml`, 'staging.toml is fine: no service.'],
      [`-t ${folder}/dispenser.toml`, 'Dispenser config is ok.'],
      [`-t -c ${folder}/kedge.toml`, '1 problem in 1 file.'],
    ] as const) {
      assert.equal((await alone(line)).out.split('\n').at(-2), ends, line);
    }
    assert.match((await alone(`-t ${folder}`)).out, /both kedge\.toml and dispenser\.toml are there/);
    assert.match((await alone(`-t -c ${folder}/production.toml`)).out, /^production\.toml:1:1: /);
    for (const name of ['staging.toml', 'kedge.toml']) await rm(join(folder, name));
  });

  it('shows the problems as the stack does', async () => {
    await write('web/service.toml', service.replace('image', 'imgae'));
    const { exitCode, out } = await alone(`-t ${folder}`);
    assert.equal(exitCode, 1);
    assert.match(out, /^web\/service\.toml:3:1: .*unknown key .*\n {2}imgae = "hello:1"\n {2}\^\n {2}did you mean "image"\?\n/m);
    assert.match(out, /problems? in 1 file\.\n$/);
  });

  it('answers programs in the same form', async () => {
    const { exitCode, out } = await alone(`validate --json ${folder}`);
    assert.equal(exitCode, 0);
    const { by, ok, problems, warnings, notChecked, services, entry, revision } = JSON.parse(out);
    assert.deepEqual(
      { by, ok, problems, warnings, notChecked, services, entry, revision },
      { by: 'folder', ok: true, problems: [], warnings: [], notChecked: [], services: ['web'], entry: 'dispenser.toml', revision: null },
    );
  });

  it('knows the port that the proxy has', async () => {
    await write('web/service.toml', `${service}[[port]]\nhost = 80\ncontainer = 80\n`);
    const { exitCode, out } = await alone(`validate ${folder}`);
    assert.equal(exitCode, 1);
    assert.match(out, /port 80 of the host is the proxy's/);
  });

  it('reads the folder of the stack where that does not answer, and says so', async () => {
    const { exitCode, out, err } = await alone('-t', folder);
    assert.deepEqual([exitCode, out], [0, 'Dispenser config is ok.\n']);
    assert.match(err, /^The stack does not answer: nobody listens there\nChecked here, without the stack: /);
    assert.equal((await runLine(createFakeBus(), 'validate', { configFolder: folder })).exitCode, 0);
  });

  it('says what is missing where there is no folder either', async () => {
    const hint = 'KEDGE_CONFIG names another folder, and so does "kedge validate <folder>"\n';
    for (const [line, before, behind] of [
      ['validate', 'The stack does not answer: nobody listens there\n', hint],
      ['validate /nowhere', '', ''],
    ] as const) {
      const { exitCode, out, err } = await alone(line);
      assert.deepEqual([exitCode, err], [1, `${before}Checked here, without the stack: /nowhere\n${behind}`]);
      assert.match(out, /the configuration folder \/nowhere does not exist/);
    }
  });
});
