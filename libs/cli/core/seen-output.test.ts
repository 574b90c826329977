import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogsReply } from '@kedge/shared/contracts';
import { createSeenOutput } from './seen-output.ts';

type Source = LogsReply['sources'][number];
const starts = ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:02.000Z'];
interface Output {
  readonly name: string;
  /** Which of `starts`; null: of no container. */
  readonly start: number | null;
  readonly lines: string[];
}
const source = ({ name, start, lines }: Output): Source => ({
  name,
  container: start === null ? null : 'c1',
  startedAt: start === null ? null : (starts[start] ?? null),
  exitCode: null,
  lines,
});
const run = (number: number, lines: string[]) => source({ name: `run ${starts[number]}`, start: number, lines });
const live = (number: number, lines: string[]) => source({ name: 'tick', start: number, lines });

/** What each look after the first adds, as `name: lines`. */
function addedBy(...[first = [], ...looks]: (readonly Source[])[]): string[] {
  const seen = createSeenOutput({ sources: [...first] });
  return looks.map((sources) =>
    seen
      .added({ sources: [...sources] })
      .filter(({ lines }) => lines.length > 0)
      .map(({ name, lines }) => `${name}: ${lines.join(' ')}`)
      .join('; '),
  );
}

describe('what was seen of an output', () => {
  it('is not told again when a run ended', () => {
    assert.deepEqual(addedBy([run(0, ['a']), live(1, ['b'])], [run(0, ['a']), run(1, ['b', 'c'])]), [`run ${starts[1]}: c`]);
  });

  it('is not told again when the first run of all ended', () => {
    assert.deepEqual(addedBy([live(0, ['a'])], [run(0, ['a'])]), ['']);
  });

  it('does not hide the next run, which says the same', () => {
    assert.deepEqual(addedBy([run(0, ['tick'])], [run(0, ['tick']), live(1, ['tick'])], [run(0, ['tick']), run(1, ['tick'])]), [
      'tick: tick',
      '',
    ]);
  });

  it('goes on where a container was started again', () => {
    assert.deepEqual(addedBy([live(0, ['a', 'b'])], [live(1, ['a', 'b', 'c'])]), ['tick: c']);
  });

  it('goes by the name where nobody knows the container any more', () => {
    const lost = source({ name: 'run x', start: null, lines: ['a'] });
    assert.deepEqual(addedBy([lost], [lost], [source({ name: 'run x', start: null, lines: ['a', 'b'] })]), ['', 'run x: b']);
  });

  it('is kept while a container is gone', () => {
    assert.deepEqual(addedBy([live(0, ['a'])], [], [live(0, ['a', 'b'])]), ['', 'tick: b']);
  });
});
