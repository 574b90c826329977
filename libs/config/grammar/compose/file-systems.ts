import { posix } from 'node:path';
import { z } from 'zod';
import { formed } from '../told.ts';

const tmpfsForm = 'must be a path in the container, such as "/run", with options behind a ":" if any, such as "/run:size=64m,mode=1777"';
const flag =
  /^(?:ro|rw|(?:no)?(?:suid|dev|exec|atime|diratime|relatime|strictatime)|a?sync|dirsync|(?:nr_inodes|nr_blocks|size)=\d+[kmg%]?|mode=[0-7]{3,4}|[ug]id=\d+|mpol=\S+)$/i;

const TmpfsMount = z.string().superRefine((given, context) => {
  const colon = given.indexOf(':');
  const path = colon < 0 ? given : given.slice(0, colon);
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (!path.startsWith('/') || path.includes('\0') || posix.resolve(path) === '/') refuse(tmpfsForm);
  else if (
    colon >= 0 &&
    !given
      .slice(colon + 1)
      .split(',')
      .every((option) => flag.test(option))
  )
    refuse(
      'has an option that no tmpfs knows; there are size, mode, uid, gid, nr_inodes, nr_blocks, mpol, ro, rw and flags such as noexec, nosuid, nodev',
    );
});

const oneOrMore = 'must be one text, or an array of texts';

/** Each is a path, with options of mount(8) behind a `:`; always a list afterwards. */
export const Tmpfs = formed(
  z.union([TmpfsMount, z.array(TmpfsMount)], { error: oneOrMore }).transform((given) => [given].flat()),
  'array of texts, or one text',
);
