import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { everyAdvice, whatDoesThat } from './borrowed-words.ts';

describe('what somebody knows by a word from elsewhere', () => {
  for (const [strange, advice] of [
    [{ kind: 'command', word: 'history' }, /"kedge events --since/],
    [{ kind: 'command', word: 'rollback' }, /older tag or digest in service\.toml/],
    [{ kind: 'command', word: 'toString' }, null],
    [{ kind: 'option', word: '--dry-run', command: 'deploy' }, /"kedge plan"/],
    [{ kind: 'option', word: '--since', command: 'logs' }, /"docker logs"/],
    [{ kind: 'option', word: '--since', command: 'status' }, null],
    [{ kind: 'option', word: '-o', command: null }, /"--json"/],
    [{ kind: 'excess', command: 'down' }, /every service/],
    [{ kind: 'excess', command: 'status' }, null],
  ] as const) {
    it(`is ${advice === null ? 'not known' : 'explained'}: ${Object.values(strange).join(' ')}`, () => {
      const told = whatDoesThat(strange);
      if (advice === null) assert.equal(told, null);
      else assert.match(told ?? '', advice);
    });
  }

  it('names only command lines that there are', async () => {
    const lines = everyAdvice.flatMap((advice) => [...advice.matchAll(/"kedge ([^"]+)"/g)].map(([, line = '']) => line));
    for (const line of new Set(lines)) {
      const { exitCode, err } = await runLine(createFakeBus(), `${line.replace('<service>', 'web')} --help`);
      assert.deepEqual([exitCode, err], [0, ''], line);
    }
  });
});
