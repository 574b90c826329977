import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageEntry } from '@kedge/shared/contracts';
import { knownPauses } from './known-pauses.ts';

const now = new Date('2026-01-01T12:00:00.000Z');
const entry = (reference: string, retryAt?: string) =>
  ImageEntry.parse({
    reference,
    accepted: null,
    state: 'unreachable',
    trouble: { code: 'REGISTRY_RATE_LIMITED', message: 'x', since: '2026-01-01T11:00:00.000Z', ...(retryAt && { retryAt }) },
  });

describe('known pauses', () => {
  it('are the longest of each registry that still lasts, and no longer than any that is granted', () => {
    const entries = [
      entry('a.example/x:1', '2026-01-01T12:00:10.000Z'),
      entry('a.example/y:1', '2026-01-01T12:00:30.000Z'),
      entry('b.example/x:1', '2026-01-01T11:59:59.000Z'),
      entry('c.example/x:1'),
      entry('d.example/x:1', '2026-01-02T12:00:00.000Z'),
      ImageEntry.parse({ reference: 'e.example/x:1', accepted: null, state: 'present' }),
    ];
    assert.deepEqual(
      [...knownPauses(entries, now)],
      [
        ['a.example', 30_000],
        ['d.example', 3_600_000],
      ],
    );
  });
});
