import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RenderReply } from '@kedge/shared/contracts';
import { answerOf, isForgotten, mainOf, serviceOf } from './rendered-files.ts';

const within = { path: '/config', name: './deploy' };
const path = 'web/service.toml';
const web = '[service]\nname = "web"\nimage = "nginx:${tag}"\nuser = 5\n[dispenser]\nwatch = true\n';
const broken = { path: 'dispenser.vars', offset: 0, message: 'is broken' };
const reply = (more: Partial<RenderReply>): RenderReply => ({ variables: 'v1', files: [], problems: [], ...more });
const rendered = (text: string) => [{ path, text, map: [[0, 0] as [number, number]], tainted: [] }];

describe('the file of a service', () => {
  const read = (more: Partial<RenderReply>, text = web) =>
    serviceOf(answerOf({ reply: reply(more), asked: [{ path }] }), { folder: 'web', path, text, shownAs: path, within });

  it('is read as it was rendered', () => {
    const { service, problems, isRendered } = read({ files: rendered(web.replace('${tag}', 'Not A Tag')) });
    assert.deepEqual([isRendered, service?.part.service?.name], [true, 'web']);
    assert.deepEqual(
      problems.map(({ key }) => key),
      ['service.image', 'service.user'],
    );
  });

  it('is read without its variables when it was not rendered, or when they are broken', () => {
    for (const more of [
      { files: rendered(web), problems: [{ path, offset: 34, message: 'variable "tag" is not defined' }] },
      { files: rendered(web.replace('${tag}', 'Not A Tag')), problems: [broken] },
    ]) {
      const { service, problems, isRendered } = read(more);
      assert.deepEqual([isRendered, service?.part.service?.name, service?.spec], [false, 'web', null]);
      assert.deepEqual(
        problems.map(({ key }) => key),
        ['service.user'],
      );
    }
  });

  it('depends on no broken variables when it has none', () => {
    const text = web.replace('${tag}', '1').replace('user = 5\n', '');
    assert.notEqual(read({ files: rendered(text), problems: [broken] }, text).service?.spec, null);
  });

  it('is forgotten when the answer has neither it nor a reason', () => {
    const forgotten = (more: Partial<RenderReply>) =>
      isForgotten(answerOf({ reply: reply(more), asked: [{ path }, { path: 'other' }] }), path);
    assert.equal(forgotten({}), true);
    assert.equal(forgotten({ problems: [{ path: 'other', offset: 0, message: 'x' }] }), true);
    assert.equal(forgotten({ problems: [{ path, offset: 0, message: 'x' }] }), false);
    assert.equal(forgotten({ problems: [broken] }), false);
    assert.equal(forgotten({ files: rendered('') }), false);
  });
});

describe('the main file', () => {
  const main = (text: string, more: Partial<RenderReply>) => {
    const file = { path: 'kedge.toml', text };
    const problems = [{ file: 'kedge.toml', line: 1, column: 1, message: 'told elsewhere' }];
    return mainOf({ answer: answerOf({ reply: reply(more), asked: [file] }), file, within, problems });
  };

  it('names its services however little of it can be told', () => {
    const listed = '[[service]]\npath = "web"\n';
    const undefinedIn = [{ path: 'kedge.toml', offset: 0, message: 'variable "x" is not defined' }];
    const files = (text: string) => [{ path: 'kedge.toml', text, map: [[0, 0] as [number, number]], tainted: [] }];
    for (const [text, more, isRendered] of [
      [listed, { files: files(listed) }, true],
      [`${listed}oops`, { files: files(`${listed}oops`) }, true],
      [`delay = \${x}\n${listed}`, { problems: undefinedIn }, false],
      [`{% if x %}{% endif %}\n${listed}`, { problems: undefinedIn }, false],
    ] as const) {
      const read = main(text, { ...more, files: [...('files' in more ? more.files : [])] });
      assert.deepEqual([read.isRendered, read.main.folders.map(({ folder }) => folder)], [isRendered, ['web']]);
      assert.equal(read.main.main === null, text !== listed);
    }
  });
});
