import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { renderPlain } from '@kedge/config/testing';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { root } from '../architecture/sources.ts';
import { isLong, seed } from '../chaos/harness/sample.ts';
import { exampleNames, readExample, readFiles, variablesOf } from './harness/examples.ts';
import { readInMemory } from './harness/read-in-memory.ts';
import { mainTables, serviceTables } from './harness/valid-files.ts';

const ajv = new Ajv({ strict: false, allErrors: true });
const compile = async (name: string) =>
  ajv.compile(JSON.parse(await readFile(new URL(`../../libs/config/schema/${name}`, import.meta.url), 'utf8')));

const folders = [
  ...exampleNames.map((name) => ({ name, files: readExample(name) })),
  ...['deploy', 'demo/config'].map((name) => ({ name, files: readFiles(`${root}/${name}`) })),
];

describe('the JSON Schemas', async () => {
  const main = await compile('kedge.schema.json');
  const service = await compile('service.schema.json');

  for (const { name, files: reading } of folders) {
    it(`fit the files of ${name}`, async () => {
      const files = await reading;
      const paths = Object.keys(files).filter((path) => path.endsWith('.toml'));
      assert.ok(paths.length > 1);
      for (const path of paths) {
        const validate = basename(path) === 'service.toml' ? service : main;
        const table = parse(renderPlain(files[path] ?? '', variablesOf(files)).text);
        assert.ok(validate(table), `${path}: ${ajv.errorsText(validate.errors)}`);
      }
    });
  }

  const fine = { service: { name: 'web', image: 'nginx' }, dispenser: { watch: true } };
  for (const [what, table] of [
    ['an unknown key', { ...fine, service: { ...fine.service, imgae: 'x' } }],
    ['a wrong type', { ...fine, dispenser: { watch: 'yes' } }],
    ['a word that is none', { ...fine, service: { ...fine.service, restart: 'sometimes' } }],
    ['a missing table', { service: fine.service }],
    ['a route without a host', { ...fine, proxy: { service_port: 80 } }],
    ['a route with both keys for hosts', { ...fine, proxy: { service_port: 80, host: 'a', hosts: ['b'] } }],
    ['a port that is none', { ...fine, port: [{ host: 70_000, container: 80 }] }],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.ok(service(fine), ajv.errorsText(service.errors));
      assert.ok(!service(table));
    });
  }

  it('accept whatever is accepted', async () => {
    const property = fc.asyncProperty(mainTables, serviceTables, async (mainTable, serviceTable) => {
      const verdict = await readInMemory({ 'kedge.toml': stringify(mainTable), 'web/service.toml': stringify(serviceTable) }, {});
      assert.deepEqual(verdict.kind === 'invalid' ? verdict.problems : verdict.kind, 'valid');
      assert.ok(main(mainTable), ajv.errorsText(main.errors));
      assert.ok(service(serviceTable), ajv.errorsText(service.errors));
    });
    await fc.assert(property, { seed, numRuns: isLong ? 2_000 : 100 });
  });

  it('know every spelling that Dispenser does', () => {
    for (const restart of ['no', 'never', 'No', 'OnFailure', 'on_failure', 'unlessstopped', 'Always']) {
      assert.ok(service({ ...fine, service: { ...fine.service, restart } }), restart);
    }
    for (const initialize of ['on-trigger', 'OnTrigger', 'on_trigger', 'on trigger']) {
      assert.ok(service({ ...fine, dispenser: { watch: true, initialize } }), initialize);
    }
  });
});
