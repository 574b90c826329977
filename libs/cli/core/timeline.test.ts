import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudEvent } from '@kedge/shared/contracts';
import { createTimeline, type Timeline } from './timeline.ts';

function event(id: string): CloudEvent {
  return { specversion: '1.0', id, source: 'test/1', type: 'x.v1', time: '2026-03-01T12:00:00.000Z', kedgenode: 'local', data: {} };
}

function shownBy(happen: (timeline: Timeline) => void): string {
  const shown: string[] = [];
  happen(createTimeline(({ id }) => shown.push(id)));
  return shown.join(' ');
}

describe('a timeline', () => {
  it('keeps what is heard until the past was told', () => {
    assert.equal(
      shownBy(({ hear }) => hear(event('c'))),
      '',
    );
    const told = shownBy(({ hear, begin }) => {
      hear(event('c'));
      begin([event('a'), event('b')]);
      hear(event('d'));
    });
    assert.equal(told, 'a b c d');
  });

  it('shows what is in both parts once, however late it is heard', () => {
    const told = shownBy(({ hear, begin }) => {
      hear(event('b'));
      begin([event('a'), event('b'), event('a')]);
      hear(event('a'));
      hear(event('b'));
      hear(event('c'));
    });
    assert.equal(told, 'a b c');
  });

  it('shows everything that is heard when there is no past', () => {
    const told = shownBy(({ hear, begin }) => {
      begin([]);
      hear(event('a'));
      hear(event('a'));
    });
    assert.equal(told, 'a a');
  });
});
