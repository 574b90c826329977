import type { MaskReply } from '@kedge/shared/contracts';
import { mergeVariables } from './core/variables.ts';
import type { ConfigFolder } from './ports.ts';

/** Makes the answer to `secrets.mask`: the values of all variables, since any of them may have reached a container's environment. */
export function createListMaskedValues({ folder }: { readonly folder: ConfigFolder }) {
  return async function listMaskedValues(): Promise<MaskReply> {
    const { values } = mergeVariables(await folder.readVariableFiles());
    return { values: [...new Set(values.values())] };
  };
}
