import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { formed } from '../told.ts';
import { wholeNumber } from './numbers.ts';

/** Resources that the kernel limits (getrlimit(2)). */
const names = [
  ...['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime'],
  ...['sigpending', 'stack'],
];

const limitForm = 'must be a whole number, or { soft = 1024, hard = 2048 }; -1 is no limit';

const Limit = z
  .union([z.int(), z.string().regex(/^-?\d{1,15}$/, limitForm), z.strictObject({ soft: wholeNumber(-1), hard: wholeNumber(-1) })], {
    error: limitForm,
  })
  .transform((given, context) => {
    const { soft, hard } = typeof given === 'object' ? given : { soft: Number(given), hard: Number(given) };
    const refuse = (message: string) => context.issues.push({ code: 'custom', message, input: undefined });
    if (soft < -1 || hard < -1) refuse(limitForm);
    else if (hard !== -1 && (soft === -1 || soft > hard)) refuse('has a soft limit above the hard one; the kernel refuses that');
    return { soft, hard };
  });

const Resource = z.string().superRefine((name, context) => {
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const hint = near === null ? '' : ` (the nearest is "${near}")`;
  context.addIssue({ code: 'custom', message: `is no resource that the kernel limits${hint}; there are ${names.join(', ')}` });
});

/** By the name of the resource; a single number is both limits. */
export const Ulimits = formed(z.record(Resource, Limit), 'table of numbers or `{ soft, hard }`');
