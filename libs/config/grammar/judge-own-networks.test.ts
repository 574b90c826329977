import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

function said(networks: readonly string[], more = '', service = ''): readonly string[] {
  const text = `[service]\nname = "web"\nimage = "nginx"\n${service}[dispenser]\nwatch = true\n${networks
    .map((name) => `[[network]]\nname = "${name}"\n`)
    .join('')}${more}`;
  const { problems } = declareService({
    file: tomlFile('web/service.toml', text),
    folder: 'web',
    within: { path: '/config', name: './deploy' },
  });
  return problems.map(({ key, message }) => message.replace(`${key}: `, `${key} `));
}

const port = '[[port]]\nhost = 8080\ncontainer = 80\n';
const proxy = '[proxy]\nhost = "a"\nservice_port = 80\n';
const gate = '[[gate]]\ntype = "tcp"\n';

describe('the networks of a service', () => {
  for (const [what, problems, keys] of [
    ['others', said(['a', 'b'], port + proxy + gate), []],
    ['one twice', said(['a', 'b', 'a']), ['network[2].name']],
    ['the host alone', said(['host'], proxy + gate), []],
    ['the host beside another', said(['host', 'b']), ['network[1].name']],
    ['the host behind another', said(['a', 'host']), ['network[0].name']],
    ['the host with a published port', said(['host'], port), ['port[0]']],
    ['the host with replicas', said(['host'], '', 'replicas = 2\n'), ['service.replicas']],
    ['the host with settings of the network', said(['host'], '', 'sysctls = { "net.core.somaxconn" = 1 }\n'), ['service.sysctls']],
    ['the host with other settings', said(['host'], '', 'sysctls = ["kernel.msgmax=8192"]\n'), []],
    ['none alone', said(['none']), []],
    ['none beside another', said(['none', 'b']), ['network[1].name']],
    ['none with whoever asks for it', said(['none'], port + proxy + gate), ['proxy', 'port[0]', 'gate[0]']],
  ] as const) {
    it(`may be ${keys.length === 0 ? '' : 'told: '}${what}`, () =>
      assert.deepEqual(
        problems.map((each) => each.split(' ')[0]),
        keys,
      ));
  }

  it('say what to do', () => {
    assert.match(said(['host', 'b'])[0] ?? '', /does not go with the network "host": .* keep one/);
    assert.match(said(['host'], port)[0] ?? '', /take it out, or take the \[\[network\]\] out/);
  });
});
