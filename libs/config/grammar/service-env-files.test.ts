import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { type EnvFileContents, mergeEnvFiles } from './service-env-files.ts';

const within = { path: '/config', name: '/opt/dispenser' };
const declare = (envFile: string, env = '') =>
  declareService({
    file: tomlFile('web/service.toml', `[service]\nname = "web"\nimage = "a"\nenv_file = ${envFile}\n[dispenser]\nwatch = true\n${env}`),
    folder: 'web',
    within,
  });
const variable = (name: string, fingerprint: string) => ({ name, secret: { ref: `x#${name}`, fingerprint } });

describe('the env files of a service', () => {
  it('lie beside its file, wherever else in the configuration folder, or at an absolute path inside of it', () => {
    const { service } = declare('["a.env", "../shared/b.env", "/opt/dispenser/c.env", { path = "/config/d.env", required = false }]');
    assert.deepEqual(
      service.envFiles.map(({ path, required }) => [path, required]),
      [
        ['web/a.env', true],
        ['shared/b.env', true],
        ['c.env', true],
        ['d.env', false],
      ],
    );
    assert.equal('env_file' in (service.spec?.service ?? {}), false);
  });

  it('must not lie outside', () => {
    for (const [text, place] of [
      ['"../../x.env"', '4:12 service.env_file'],
      ['["a.env", "/etc/x.env"]', '4:22 service.env_file[1]'],
      ['[{ path = "/etc/x.env" }]', '4:22 service.env_file[0].path'],
    ] as const) {
      const [problem] = declare(text).problems;
      assert.equal(`${problem?.line}:${problem?.column} ${problem?.key}`, place);
      assert.match(problem?.message ?? '', /lies outside of the configuration folder \(\/opt\/dispenser\)/);
    }
  });

  it('fill env from the first to the last, and what the service itself says wins', () => {
    const { service } = declare('["a.env", "b.env"]', '[env]\nOWN = "1"\n');
    const variables: EnvFileContents['variables'] = new Map([
      ['web/a.env', [variable('ONE', 'a1'), variable('TWO', 'a2'), variable('OWN', 'a3')]],
      ['web/b.env', [variable('TWO', 'b2')]],
    ]);
    const { spec, problems } = mergeEnvFiles(service, { variables, unreadable: new Map() });
    assert.deepEqual(problems, []);
    assert.deepEqual(spec?.env, { ONE: variable('ONE', 'a1').secret, TWO: variable('TWO', 'b2').secret, OWN: '1' });
  });

  it('are judged although another one is wrong', () => {
    assert.deepEqual(
      declare('["/etc/a.env", 5, { path = "/etc/b.env", requird = true }]').problems.map(({ key }) => key),
      ['service.env_file[1]', 'service.env_file[2].requird', 'service.env_file[0]', 'service.env_file[2].path'],
    );
  });

  it('must not be called as files that are read as something else', () => {
    for (const text of ['"service.toml"', '"../dispenser.vars"', '["a.env", "../x.dispenser.vars"]']) {
      const [problem, ...more] = declare(text).problems;
      assert.deepEqual([problem?.file, problem?.line, more.length], ['web/service.toml', 4, 0]);
      assert.match(problem?.message ?? '', /is no env file by its name/);
    }
  });

  it('may be missing only when they are not required', () => {
    const { service } = declare('["a.env", { path = "b.env", required = false }]');
    const variables = new Map([
      ['web/a.env', null],
      ['web/b.env', null],
    ]);
    const { problems } = mergeEnvFiles(service, { variables, unreadable: new Map() });
    assert.deepEqual(
      problems.map(({ line, column, key }) => [line, column, key]),
      [[4, 13, 'service.env_file[0]']],
    );
    assert.match(problems[0]?.message ?? '', /"web\/a.env" does not exist in the configuration folder/);
  });

  it('that cannot be read are told where they are named, required or not', () => {
    const { service } = declare('["a.env", { path = "b.env", required = false }]');
    const unreadable = new Map([
      ['web/a.env', 'cannot be read: it is a folder'],
      ['web/b.env', 'cannot be read: EIO'],
    ]);
    assert.deepEqual(
      mergeEnvFiles(service, { variables: new Map(), unreadable }).problems.map(
        ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
      ),
      [
        'web/service.toml:4:13 service.env_file[0]: "web/a.env" cannot be read: it is a folder',
        'web/service.toml:4:31 service.env_file[1].path: "web/b.env" cannot be read: EIO',
      ],
    );
  });
});
