import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entriesOf, subjects } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { describeContracts } from '../../contracts/describe-contracts.ts';
import { fitting, payloads } from './payloads.ts';

const contracts = describeContracts();

describe('the payloads of the malformed', () => {
  for (const [subject, contract] of entriesOf(subjects)) {
    const schema = contracts[`${contract.kind} ${subject}`] ?? {};
    const fits = (value: unknown) => contract.data.safeParse(value).success;

    it(`come near to ${subject}`, () => {
      const values = fc.sample(fitting(schema), { numRuns: 40, seed: 1 });
      assert.ok(values.some(fits), 'some fit');
    });

    it(`mostly miss ${subject}`, () => {
      const read = fc.sample(payloads(schema), { numRuns: 80, seed: 1 }).map(parsed);
      assert.ok(read.filter((value) => !fits(value)).length > 40, 'most do not fit');
      assert.ok(read.filter((value) => value !== undefined).length > 40, 'most are JSON');
    });
  }
});

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
