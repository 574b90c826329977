/** The file that holds the primary variables; the others, which may use them, end in its name. */
export const primaryFile = 'dispenser.vars';

/** What stands in a place is found again by the name of its file: templates and files of variables are no env files, whatever names them. */
export function isEnvFileName(path: string): boolean {
  return !path.endsWith('.toml') && !path.endsWith(primaryFile);
}
