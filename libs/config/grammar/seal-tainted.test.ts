import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { TaintedText } from './leaf-forms.ts';
import { sealTainted } from './seal-tainted.ts';
import { Service } from './service-table.ts';

const text = `[service]
name = "web"
image = "web:\${tag}"
command = ["run", "--token=\${token}"]
healthcheck = { test = ["CMD", "redis-cli", "-a", "\${token}"], interval = "\${every}" }
logging = { driver = "splunk", options = { splunk-token = "\${token}" } }
[env]
TOKEN = "\${token}"
PLAIN = "x"
[proxy]
host = "\${host}"
`;
const variables = { tag: '1', token: 'c4nary', host: 'app', every: '5s' };
const everywhere = [
  ['service', 'image'],
  ['service', 'command', 1],
  ['service', 'healthcheck', 'test', 3],
  ['service', 'healthcheck', 'interval'],
  ['service', 'logging', 'options', 'splunk-token'],
  ['env', 'TOKEN'],
  ['proxy', 'host'],
];

describe('values from variables', () => {
  it('are references where a program gets them, and stay plain elsewhere', () => {
    const tainted = everywhere.map((pointer) => taintedLeaf(pointer));
    const { root, problems } = sealTainted(tomlFile('web/service.toml', { source: text, variables, tainted }));
    assert.deepEqual(problems, []);
    const table = (name: string) => root[name] as Record<string, unknown>;
    assert.deepEqual(table('env'), { TOKEN: new TaintedText({ ref: 'web/service.toml#/env/TOKEN', fingerprint: 'key1:aa' }), PLAIN: 'x' });
    assert.deepEqual(table('service').command, [
      'run',
      new TaintedText({ ref: 'web/service.toml#/service/command/1', fingerprint: 'key1:aa' }),
    ]);
    const { healthcheck, logging } = Service.parse(table('service'));
    assert.deepEqual(healthcheck, {
      test: ['CMD', 'redis-cli', '-a', { ref: 'web/service.toml#/service/healthcheck/test/3', fingerprint: 'key1:aa' }],
      interval: '5s',
    });
    assert.deepEqual(logging?.options, {
      'splunk-token': { ref: 'web/service.toml#/service/logging/options/splunk-token', fingerprint: 'key1:aa' },
    });
    assert.deepEqual([table('service').image, table('proxy').host], ['web:1', 'app']);
    assert.ok(!JSON.stringify(root).includes('c4nary'));
  });

  it('are refused elsewhere when they come from a secret source', () => {
    const tainted = everywhere.map((pointer) => taintedLeaf(pointer, { origin: 'secret-source' }));
    const { problems } = sealTainted(tomlFile('web/service.toml', { source: text, variables, tainted }));
    assert.deepEqual(
      problems.map(({ key, line, column }) => [key, line, column]),
      [
        ['service.image', 3, 9],
        ['service.healthcheck.interval', 5, 75],
        ['proxy.host', 11, 8],
      ],
    );
    assert.match(problems[0]?.message ?? '', /TAINTED_NOT_ALLOWED/);
  });

  it('may stand in tables that are dropped', () => {
    const file = tomlFile('kedge.toml', {
      source: '[certbot]\nemail = "${mail}"\n',
      variables: { mail: 'x' },
      tainted: [taintedLeaf(['certbot', 'email'], { origin: 'secret-source' })],
    });
    assert.deepEqual(sealTainted(file).problems, []);
  });

  it('stay when they are not text, so that their type is refused', () => {
    const { root } = sealTainted(
      tomlFile('web/service.toml', { source: '[env]\nA = ${n}\n', variables: { n: '5' }, tainted: [taintedLeaf(['env', 'A'])] }),
    );
    assert.deepEqual({ ...(root.env as object) }, { A: 5 });
  });

  it('must be text, when they come from a secret source', () => {
    const { problems } = sealTainted(
      tomlFile('web/service.toml', {
        source: '[env]\nA = ${n}\n',
        variables: { n: '5' },
        tainted: [taintedLeaf(['env', 'A'], { origin: 'secret-source' })],
      }),
    );
    assert.match(problems[0]?.message ?? '', /env.A: must be text in quotes, such as "\$\{name\}"/);
  });
});
