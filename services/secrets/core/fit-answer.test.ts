import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostOfAnswer, sizeOf } from '@kedge/config/template';
import type { RenderReply } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { fitAnswer } from './fit-answer.ts';

const file = (path: string, length: number): RenderReply['files'][number] => ({
  path,
  text: 'x'.repeat(length),
  map: [[0, 0]],
  tainted: [],
});
const answer = (lengths: readonly number[]): RenderReply => ({
  variables: 'k:1',
  files: lengths.map((length, index) => file(`f${index}`, length)),
  problems: [],
});

describe('an answer', () => {
  it('stays as it is when it fits', () => {
    const whole = { ...answer([10, 20]), envFiles: [{ path: 'a.env', variables: [] }] };
    assert.deepEqual(fitAnswer(whole), whole);
  });

  it('loses what does not fit, and is complete after it was asked for as often as it takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: mostOfAnswer - 1_000 }), { maxLength: 8 }), (lengths) => {
        let { files } = answer(lengths);
        for (const _try of lengths) {
          const fitting = fitAnswer({ ...answer([]), files });
          assert.ok(sizeOf(fitting) < mostOfAnswer + 1_000);
          files = files.filter(({ path }) => !fitting.files.some((each) => each.path === path));
        }
        assert.deepEqual(files, []);
      }),
      { numRuns: 30 },
    );
  });

  it('holds env files to the same', () => {
    const variables = [{ name: 'A', secret: { ref: 'x'.repeat(400_000), fingerprint: 'k:1' } }];
    const fitting = fitAnswer({
      ...answer([]),
      envFiles: [
        { path: 'a.env', variables },
        { path: 'b.env', variables },
      ],
    });
    assert.deepEqual(
      fitting.envFiles?.map(({ path }) => path),
      ['a.env'],
    );
  });
});
