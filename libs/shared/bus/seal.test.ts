import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCurve } from '@nats-io/nkeys';
import { z } from 'zod';
import { openBox, sealFor } from './seal.ts';

const Value = z.object({ token: z.string() });

describe('a sealed box', () => {
  const own = createCurve();
  const sender = createCurve();
  const box = sealFor({ recipient: own.getPublicKey(), sender, value: { token: 'hunter2' } });
  const broken = { name: 'TerminalError', code: 'SEAL_BROKEN' };

  it('is opened by whom it is for', () => assert.deepEqual(openBox({ own, box, schema: Value }), { token: 'hunter2' }));

  it('shows nothing of what is in it', () => assert.doesNotMatch(Buffer.from(box.box, 'base64').toString('latin1'), /hunter2|token/));

  const cases: Readonly<Record<string, () => unknown>> = {
    'is for another key': () => openBox({ own: createCurve(), box, schema: Value }),
    'came from somebody else': () => openBox({ own, box: { ...box, sender: createCurve().getPublicKey() }, schema: Value }),
    'was changed': () => openBox({ own, box: { ...box, box: `${box.box.slice(0, -8)}AAAAAAA=` }, schema: Value }),
    'is too short to be one': () => openBox({ own, box: { ...box, box: 'AAAA' }, schema: Value }),
    'names no sender': () => openBox({ own, box: { ...box, sender: 'nobody' }, schema: Value }),
    'holds something else': () =>
      openBox({ own, box: sealFor({ recipient: own.getPublicKey(), sender, value: { other: 1 } }), schema: Value }),
  };
  for (const [what, open] of Object.entries(cases)) it(`is refused when it ${what}`, () => assert.throws(open, broken));

  it('goes to a public key only', () => assert.throws(() => sealFor({ recipient: 'nobody', sender, value: {} })));
});
