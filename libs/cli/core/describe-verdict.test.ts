import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigProblem, ServiceName, type ValidateReply } from '@kedge/shared/contracts';
import { verdictLine } from './describe-verdict.ts';

const web = ServiceName.parse('web');
const place: ConfigProblem = { file: 'web/service.toml', line: 1, column: 1, message: 'x' };
const fine: ValidateReply = { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: null };
const held = { revision: 'r2', removes: [web], since: '2026-03-01T11:00:00.000Z' };
const { entry: _entry, ...nameless } = fine;

const table: readonly (readonly [says: string, reply: ValidateReply, test: boolean])[] = [
  ['kedge.toml is fine: 1 service.', fine, false],
  ['kedge.toml is fine: no service.', { ...fine, services: [] }, true],
  ['kedge.toml is fine: 1 service, 2 warnings.', { ...fine, warnings: [place, place] }, false],
  ['The configuration is fine: 1 service.', nameless, false],
  ['Dispenser config is ok.', { ...fine, entry: 'dispenser.toml' }, false],
  ['Dispenser config is ok.', { ...fine, entry: 'dispenser.toml', warnings: [place] }, true],
  ['Dispenser config is ok.', nameless, true],
  ['1 problem in 1 file.', { ...fine, ok: false, problems: [place] }, false],
  ['2 problems in 1 file. 1 warning.', { ...fine, entry: 'dispenser.toml', ok: false, problems: [place, place], warnings: [place] }, true],
  ['Nothing was put in force: it changed.', { ...fine, ok: false, reason: 'it changed' }, false],
  [
    'dispenser.toml is fine, but held, because it would remove web: "kedge apply" shows that, and asks. 1 warning.',
    { ...fine, entry: 'dispenser.toml', ok: false, problems: [place], warnings: [place], held },
    true,
  ],
];

describe('verdictLine', () => {
  for (const [says, reply, test] of table) it(`says: ${says}`, () => assert.equal(verdictLine(reply, test), says));
});
