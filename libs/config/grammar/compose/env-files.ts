import { z } from 'zod';
import { FilePath } from '../address-forms.ts';
import { formed } from '../told.ts';

/** An `env_file` as it was written, in its long form: the path is not yet placed. */
export interface EnvFileEntry {
  readonly path: string;
  readonly required: boolean;
}

const fileForm = 'must be a path, or { path = "web.env", required = false }';
const path = FilePath;

const EnvFile = z.union(
  [
    path.transform((given): EnvFileEntry => ({ path: given, required: true })),
    z
      .strictObject({ path, required: z.boolean().optional() })
      .transform((given): EnvFileEntry => ({ path: given.path, required: given.required ?? true })),
  ],
  { error: fileForm },
);

const filesForm = `${fileForm}, or an array of those`;
const single = path.transform((given): EnvFileEntry[] => [{ path: given, required: true }]);

/** One file or several, the later over the earlier. */
export const EnvFiles = formed(
  z.union([single, z.array(EnvFile)], { error: filesForm }),
  'path, or array of paths or `{ path, required }`',
);

/** Those of a list that are well-formed, in their places. */
export const EnvFilesPart = z.union([single, z.array(EnvFile.nullable())], { error: filesForm });
