import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { describeService, isNamedOpenly, shownName } from './named-service.ts';

function declared(name: string, isTainted = false) {
  const source = `[service]\n${name}\nimage = "nginx"\n[dispenser]\nwatch = true\n`;
  const tainted = isTainted ? [taintedLeaf(['service', 'name'])] : [];
  const file = tomlFile('web/service.toml', { source, variables: { n: 'c4nary' }, tainted });
  return declareService({ file, folder: 'web', within: { path: '/config', name: './deploy' } }).service;
}

describe('a service in a message', () => {
  it('has its name, and its file beside it', () => {
    const service = declared('name = "shop"');
    assert.deepEqual([isNamedOpenly(service), shownName(service), describeService(service)], [true, '"shop"', '"shop" (web/service.toml)']);
  });

  it('has only its file where a variable made its name, or there is none', () => {
    for (const service of [declared('name = "${n}"', true), declared('# none')]) {
      assert.equal(isNamedOpenly(service), false);
      assert.equal(describeService(service), 'the service of web/service.toml');
    }
    assert.equal(shownName(declared('name = "${n}"', true)), 'the value here');
  });
});
