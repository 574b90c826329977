import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { type EngineWorkbench, openWorkbench, present } from './testing/engine-workbench.ts';

describe('output of containers of a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  async function ran(name: string, offset: number, program: string): Promise<string> {
    const { id } = await bench.engine.create(bench.plan(name, offset, { entrypoint: ['node', '-e', program] }));
    await bench.engine.start(id);
    await bench.engine.waitForExit(id, AbortSignal.timeout(10_000));
    return id;
  }

  it('tells the last lines of both streams as they were written', async () => {
    const id = await ran(
      'both',
      20,
      `console.log('one ✓\\n  two\\t'); setTimeout(() => { console.error('{"three":3}'); process.stdout.write('vier: ä, unfinished') }, 100)`,
    );
    assert.deepEqual(await bench.engine.logs(id, { lines: 100 }), ['one ✓', '  two\t', '{"three":3}', 'vier: ä, unfinished']);
    assert.deepEqual(await bench.engine.logs(id, { lines: 2 }), ['{"three":3}', 'vier: ä, unfinished']);
    assert.deepEqual(await bench.engine.logs(id, { lines: 0 }), []);
  });

  it('leaves away what was written before', async () => {
    const id = await ran('again', 21, `console.log('run at ' + Date.now())`);
    const first = await bench.engine.logs(id, { lines: 10 });
    await bench.engine.start(id);
    await bench.engine.waitForExit(id, AbortSignal.timeout(10_000));
    const startedAgain = present((await bench.engine.inspect(id))?.startedAt);
    const both = await bench.engine.logs(id, { lines: 10 });
    assert.equal(both.length, 2);
    assert.deepEqual(await bench.engine.logs(id, { lines: 10, since: startedAgain }), both.slice(1));
    assert.deepEqual(first, both.slice(0, 1));
  });

  it('keeps 5,000 lines at most, and 1 MiB', async () => {
    const many = await ran('many', 22, `console.log(Array.from({ length: 6000 }, (_, index) => 'line ' + index).join('\\n'))`);
    const lines = await bench.engine.logs(many, { lines: 1_000_000 });
    assert.equal(lines.length, 5_000);
    assert.equal(lines.at(-1), 'line 5999');
    const wide = await ran('wide', 23, `for (let index = 0; index < 40; index += 1) console.log(String(index).padStart(65536, 'x'))`);
    const wideLines = await bench.engine.logs(wide, { lines: 5_000 });
    assert.ok(wideLines.join('').length <= 1024 * 1024);
    assert.equal(wideLines.length, 16);
    assert.equal(wideLines.at(-1), '39'.padStart(65536, 'x'));
  });

  it('tells what a running container has written so far, and what one with a terminal wrote', async () => {
    const { id } = await bench.start(
      bench.plan('talking', 24, { entrypoint: ['node', '-e', `console.log('hello'); require('node:net').createServer().listen(80)`] }),
    );
    await waitUntil(async () => (await bench.engine.logs(id, { lines: 5 })).includes('hello'));

    const terminal = await bench.docker.createContainer({
      Image: 'node:26-trixie-slim',
      Entrypoint: ['node', '-e', `console.log('{"json":true}')`],
      Tty: true,
      Labels: { 'kedge.test': bench.run },
    });
    await terminal.start();
    await terminal.wait();
    assert.deepEqual(await bench.engine.logs(terminal.id, { lines: 5 }), ['{"json":true}\r']);
  });
});
