import { z } from 'zod';

/** Names of hooks, comma-separated, as `KEDGE_HOOKS` has them; what is empty between two commas counts for nothing. */
export const HookNames = z
  .string()
  .default('')
  .transform((text, context) => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    for (const name of names) {
      if (!/^[a-zA-Z0-9_-]+$/.test(name)) context.addIssue({ code: 'custom', message: refusalOf(name) });
    }
    return names;
  });

function refusalOf(name: string): string {
  const allowed = name.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  const example = allowed === '' ? '' : `, for example "${allowed}"`;
  return `"${name}" is not the name of a hook: write it with letters, digits, "_" and "-"${example}, and a comma between two names`;
}
