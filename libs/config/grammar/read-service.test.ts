import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { readService, readUnrenderedService } from './read-service.ts';

const within = { path: '/config', name: './deploy' };
const surroundings = { folder: 'web', within };
const web = '[service]\nname = "web"\nimage = "nginx:${tag}"\nprivileged = true\n[dispenser]\nwatch = true\n';

describe('the file of a service', () => {
  it('gives a spec, and warnings', () => {
    const { service, problems, warnings } = readService(
      templateFile('web/service.toml', { source: web, variables: { tag: '1' } }),
      surroundings,
    );
    assert.deepEqual([service?.spec?.service.image, problems, warnings.map(({ key }) => key)], ['nginx:1', [], ['service.privileged']]);
  });

  it('tells in plain words why it is no TOML', () => {
    const { service, problems } = readService(templateFile('web/service.toml', '[service\n'), surroundings);
    assert.equal(service, null);
    assert.deepEqual(
      problems.map(({ line, message }) => [line, message.startsWith('not valid TOML: the name of a table ends in "]"')]),
      [[1, true]],
    );
  });

  it('gives no spec while it could not be rendered, and what does not depend on variables', () => {
    const text = { path: 'web/service.toml', source: `${web}nope = 1\n` };
    const { service, problems, warnings } = readUnrenderedService(text, surroundings);
    assert.deepEqual([service?.spec, service?.part.service?.name], [null, 'web']);
    assert.deepEqual(
      [...problems, ...warnings].map(({ key }) => key),
      ['dispenser.nope', 'service.privileged'],
    );
  });

  it('says nothing of a template that is no TOML without its variables', () => {
    const text = { path: 'web/service.toml', source: '= ${x}\n' };
    assert.deepEqual(readUnrenderedService(text, surroundings), { service: null, problems: [], warnings: [] });
  });
});
