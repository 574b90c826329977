import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { z } from 'zod';
import { unfoldUnion } from '../grammar/union-issues.ts';

interface FormTable {
  readonly schema: z.ZodType;
  /** What is written, and what it is read as. */
  readonly reads: readonly (readonly [written: unknown, read: unknown])[];
  /** What is written, and a part of what is said about it; everything that is said, with its path, as one text. */
  readonly refuses: readonly (readonly [written: unknown, said: RegExp])[];
}

/** One test for each row: a form of the configuration, and what it takes and refuses. */
export function testForms(name: string, { schema, reads, refuses }: FormTable): void {
  for (const [written, read] of reads) {
    it(`${name}: reads ${JSON.stringify(written)}`, () => assert.deepEqual(schema.parse(written), read));
  }
  for (const [written, said] of refuses) {
    it(`${name}: refuses ${JSON.stringify(written)}`, () => {
      const { error } = schema.safeParse(written);
      assert.match(
        error?.issues
          .flatMap(unfoldUnion)
          .map((issue) => `${issue.path.join('.')} ${issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message}`)
          .join('; ') ?? 'nothing was said',
        said,
      );
    });
  }
}
