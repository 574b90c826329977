import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameTakenMessage } from './name-taken.ts';

const now = Date.parse('2026-01-10T12:00:00Z');
const tell = (createdAt: string, image = 'nginx:1') => nameTakenMessage('web', { image, createdAt: new Date(createdAt) }, now);

describe('a name that somebody else has', () => {
  for (const [createdAt, age] of [
    ['2026-01-10T11:59:30Z', 'less than a minute ago'],
    ['2026-01-10T11:59:00Z', '1 minute ago'],
    ['2026-01-10T09:30:00Z', '2 hours ago'],
    ['2026-01-07T12:00:00Z', '3 days ago'],
  ] as const) {
    it(`is told with the image and the age of who has it: ${age}`, () => assert.ok(tell(createdAt).includes(`(made from nginx:1 ${age})`)));
  }

  it('is told without the image where nobody knows it', () => assert.ok(tell('2026-01-07T12:00:00Z', '').includes('(made 3 days ago)')));

  it('is told with the three ways out', () => {
    assert.match(
      tell('2026-01-07T12:00:00Z'),
      /remove it \(docker rm -f web\), rename it \(docker rename web .+\), or give the service another name/,
    );
  });
});
