import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failureOf, type LayerBytes, PullLine, percentOf, withLine } from './pull-progress.ts';

function after(lines: readonly object[]): number {
  return percentOf(lines.reduce<LayerBytes>((layers, line) => withLine(layers, PullLine.parse(line)), {}));
}

const downloading = (id: string, current: number, total: number) => ({ id, status: 'Downloading', progressDetail: { current, total } });

describe('the progress of a pull', () => {
  for (const { title, lines, percent } of [
    { title: 'is nothing before a layer is known', lines: [{ status: 'Pulling from app', id: 'latest' }], percent: 0 },
    { title: 'counts the bytes of all layers', lines: [downloading('a', 50, 100), downloading('b', 0, 100)], percent: 25 },
    { title: 'counts the last word of each layer', lines: [downloading('a', 10, 100), downloading('a', 60, 100)], percent: 60 },
    {
      title: 'counts a completed layer whole',
      lines: [downloading('a', 1, 100), downloading('b', 0, 300), { id: 'a', status: 'Download complete' }],
      percent: 25,
    },
    {
      title: 'does not count what is unpacked',
      lines: [downloading('a', 10, 100), { id: 'a', status: 'Extracting', progressDetail: { current: 90, total: 100 } }],
      percent: 10,
    },
    { title: 'is not over before the image is there', lines: [downloading('a', 100, 100)], percent: 99 },
    { title: 'never passes its end', lines: [downloading('a', 500, 100)], percent: 99 },
  ]) {
    it(title, () => assert.equal(after(lines), percent));
  }

  it('may end with an error in the middle of an answer that began well', () => {
    assert.equal(failureOf(PullLine.parse({ errorDetail: { message: 'manifest unknown' }, error: 'short' })), 'manifest unknown');
    assert.equal(failureOf(PullLine.parse({ error: 'short' })), 'short');
    assert.equal(failureOf(PullLine.parse({ status: 'Pull complete', id: 'a' })), null);
  });
});
