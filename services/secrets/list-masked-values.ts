import type { TemplateFolder } from '@kedge/config/template';
import { mergeVariables } from '@kedge/config/template';
import type { MaskReply } from '@kedge/shared/contracts';

/** Makes the answer to `secrets.mask`: the values of all variables, since any of them may have reached a container's environment. */
export function createListMaskedValues({ folder }: { readonly folder: TemplateFolder }) {
  return async function listMaskedValues(): Promise<MaskReply> {
    const { values } = mergeVariables(await folder.readVariableFiles());
    return { values: [...new Set(values.values())] };
  };
}
