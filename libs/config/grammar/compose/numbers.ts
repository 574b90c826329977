import { z } from 'zod';
import { formed } from '../told.ts';

/** A whole number, in quotes or not, as Compose takes both. */
export function wholeNumber(least: number) {
  const message = `must be a whole number from ${least} on`;
  return formed(
    z
      .union([z.int(), z.string().regex(/^-?\d{1,15}$/, message)], {
        error: ({ input }) => (input === undefined ? `is missing; it ${message}` : message),
      })
      .transform(Number)
      .refine((number) => number >= least, message),
    { form: `number from ${least} on`, type: ['integer', 'string'], anyOf: undefined },
  );
}
