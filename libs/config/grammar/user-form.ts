import { z } from 'zod';
import { formed } from './told.ts';

const userForm = 'must be a user by name or number, with ":" and a group behind it if any, such as "app", "1000" or "1000:1000"';
/** Of user and group ids, as the engine reads them (moby/sys, `user.maxID`). */
const highest = 2 ** 31 - 1;

/** `name`, `uid`, `name:group` or `uid:gid`; either side may be empty, which is the image's. */
export const ContainerUser = formed(
  z
    .string()
    .refine((user) => /^[^\s\p{Cc}:]*(?::[^\s\p{Cc}:]*)?$/u.test(user), { error: userForm, abort: true })
    .refine((user) => user.split(':').every(isInRange), `must have numbers from 0 to ${highest}; the engine knows no others`),
  'text',
);

function isInRange(part: string): boolean {
  return !/^[+-]?\d+$/.test(part) || (Number(part) >= 0 && Number(part) <= highest);
}
