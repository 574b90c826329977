import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { it } from 'node:test';
import { markPoint, namedPoints } from './named-point.ts';

it('a named point is told to whoever listens, while the process is there', () => {
  const heard: unknown[] = [];
  const listener = (name: unknown) => void heard.push(name);
  markPoint('before');
  subscribe(namedPoints, listener);
  markPoint('step.start');
  assert.deepEqual(heard, ['step.start']);
  unsubscribe(namedPoints, listener);
  markPoint('after');
  assert.equal(heard.length, 1);
});
