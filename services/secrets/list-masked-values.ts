import { type Engine, findPassedOn, mergeVariables, parseEnvFile, type TemplateFolder } from '@kedge/config/template';
import type { MaskReply } from '@kedge/shared/contracts';

/**
 * Makes the answer to `secrets.mask`: the values of all variables, what templates make of them, and those of the env files that services
 * name, since any of them may have reached a container's environment.
 */
export function createListMaskedValues({ engine, folder }: { readonly engine: Engine; readonly folder: TemplateFolder }) {
  return async function listMaskedValues(): Promise<MaskReply> {
    const variables = mergeVariables(engine, await folder.readVariableFiles());
    const ofVariables = [...variables.values].flatMap(([name, value]) => (variables.unresolved.has(name) ? [] : [value]));
    const { envFiles, derived } = await findPassedOn({ engine, folder, variables });
    const files = await Promise.all(envFiles.map(async (path) => await folder.readEnvFile(path)));
    const ofFiles = files.flatMap((file) => (file?.text ? [...parseEnvFile(file.text).variables.values()] : []));
    return { values: [...new Set([...ofVariables, ...derived, ...ofFiles])] };
  };
}
