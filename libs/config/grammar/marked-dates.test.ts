import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { readMain } from './main-configuration.ts';
import { isDate, markDates } from './marked-dates.ts';
import { readToml } from './read-toml.ts';

const within = { path: '/config', name: './deploy' };
const service = '[service]\nname = "web"\nimage = "nginx"\n[dispenser]\nwatch = true\n';

function ofService(before: string, inService: string): readonly string[] {
  const file = tomlFile('web/service.toml', `${before}\n${service.replace('[dispenser]', `${inService}\n[dispenser]`)}`);
  return declareService({ file, folder: 'web', within }).problems.map(({ line, message }) => `${line} ${message}`);
}

function ofMain(text: string): readonly string[] {
  return readMain({ file: tomlFile('kedge.toml', text), within }).problems.map(({ line, message }) => `${line} ${message}`);
}

describe('a date in the place of a table', () => {
  for (const [told, expected] of [
    [ofService('drain = 1979-05-27', ''), '1 drain: must be a table, not a date'],
    [ofService('proxy = 1979-05-27', ''), '1 proxy: must be a table, not a date'],
    [ofService('port = [07:32:00]', ''), '1 port[0]: must be a table, not a date'],
    [ofService('', 'healthcheck = 1979-05-27T07:32:00Z'), '5 service.healthcheck: must be a table, not a date'],
    [ofService('', 'logging = 1979-05-27'), '5 service.logging: must be a table, not a date'],
    [ofService('', 'gpus = [1979-05-27]'), '5 service.gpus[0]: must be a table, not a date'],
    [
      ofService('', 'ulimits.core = 1979-05-27'),
      '5 service.ulimits.core: must be a whole number, or { soft = 1024, hard = 2048 }; -1 is no limit',
    ],
    [ofMain('proxy = 1979-05-27\n'), '1 proxy: must be a table, not a date'],
    [ofMain('service = [1979-05-27]\n'), '1 service[0]: must be a table, not a date'],
  ] as const) {
    it(`is told: ${expected}`, () => assert.deepEqual(told, [expected]));
  }

  it('is marked alone: what has none is the very same value', () => {
    const parsed = readToml('a = [{ b = 1979-05-27, c = 1 }]\nd = { e = 1 }\n');
    assert.ok('root' in parsed);
    assert.equal(markDates(parsed.root.d), parsed.root.d);
    const [marked] = Object(markDates(parsed.root)).a;
    assert.deepEqual([isDate(marked.b), marked.b instanceof Date, marked.c], [true, false, 1]);
  });
});
