import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RenderReply } from '@kedge/shared/contracts';
import { createReadEnvFiles } from './read-env-files.ts';
import { createPlaceProblems } from './render-problems.ts';

const secret = { ref: 'a.env#A', fingerprint: 'k:1' };

function rig(answer: (reply: RenderReply) => RenderReply = (reply) => reply) {
  const asked: (readonly string[])[] = [];
  const read = createReadEnvFiles({
    renderer: {
      async render(_files, envFiles = []) {
        asked.push(envFiles);
        const found = envFiles.map((path) => ({ path, variables: path === 'none.env' ? null : [{ name: 'A', secret }] }));
        return answer({ variables: 'v1', files: [], envFiles: found, problems: [] });
      },
    },
    placeProblems: createPlaceProblems({ variablesText: async () => 'A=1\nc4nary\n' }),
  });
  return { read, asked };
}

describe('reading env files', () => {
  it('asks for all of them with one question, and for nobody without any', async () => {
    const { read, asked } = rig();
    assert.deepEqual(await read({ paths: [], marks: {}, variables: 'v1' }), {
      contents: { variables: new Map(), unreadable: new Map() },
      problems: [],
    });
    const found = await read({ paths: ['a.env', 'none.env'], marks: {}, variables: 'v1' });
    assert.deepEqual(found, {
      contents: {
        variables: new Map([
          ['a.env', [{ name: 'A', secret }]],
          ['none.env', null],
        ]),
        unreadable: new Map(),
      },
      problems: [],
    });
    assert.deepEqual(asked, [['a.env', 'none.env']]);
  });

  it('asks again for what changed, was not marked, or stands under other variables', async () => {
    const { read, asked } = rig((reply) => ({ ...reply, variables: asked.length > 3 ? 'v2' : 'v1' }));
    const paths = ['a.env', 'b.env', 'c.env'];
    await read({ paths, marks: { 'a.env': '1', 'b.env': '1' }, variables: 'v1' });
    await read({ paths, marks: { 'a.env': '1', 'b.env': '2' }, variables: 'v1' });
    await read({ paths: ['a.env'], marks: { 'a.env': '1' }, variables: 'v1' });
    await read({ paths: ['a.env', 'b.env'], marks: { 'a.env': '1', 'b.env': '2' }, variables: 'v1' });
    await read({ paths: ['a.env'], marks: { 'a.env': '1' }, variables: 'v2' });
    assert.deepEqual(asked, [paths, ['b.env', 'c.env'], ['b.env'], ['a.env']]);
  });

  it('knows nothing when variables change meanwhile, or a file is missing in the answer', async () => {
    const wanted = { paths: ['a.env'], marks: {}, variables: 'v1' };
    assert.match(JSON.stringify(await rig((reply) => ({ ...reply, variables: 'v2' })).read(wanted)), /a variable file changed/);
    const { envFiles: _envFiles, ...without } = { variables: 'v1', files: [], envFiles: [], problems: [] };
    assert.match(JSON.stringify(await rig(() => without).read(wanted)), /secrets did not read an env file/);
  });

  it('tells what is wrong with a file by its line, never with it, and asks again', async () => {
    const { read, asked } = rig((reply) => ({ ...reply, problems: [{ path: 'a.env', offset: 4, message: 'a line must be NAME=value' }] }));
    const wanted = { paths: ['a.env'], marks: { 'a.env': '1' }, variables: 'v1' };
    const found = await read(wanted);
    assert.deepEqual('problems' in found && found.problems, [{ file: 'a.env', line: 2, column: 1, message: 'a line must be NAME=value' }]);
    await read(wanted);
    assert.equal(asked.length, 2);
  });
});
