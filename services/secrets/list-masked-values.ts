import { type Engine, findPassedOn, parseEnvFile, readVariables, type SecretStore, type TemplateFolder } from '@kedge/config/template';
import type { MaskReply } from '@kedge/shared/contracts';

interface MaskPorts {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly store: SecretStore | null;
  /** What the main file is called; absent: whichever there is of those names that it has by default. */
  readonly mainFile?: string | undefined;
}

/**
 * Makes the answer to `secrets.mask`: the values of all variables, what templates make of them, and those of the env files that services
 * name, since any of them may have reached a container's environment.
 */
export function createListMaskedValues({ engine, folder, store, mainFile }: MaskPorts) {
  return async function listMaskedValues(): Promise<MaskReply> {
    const variables = await readVariables({ engine, folder, store });
    const ofVariables = [...variables.values].flatMap(([name, value]) => (variables.unresolved.has(name) ? [] : [value]));
    const { envFiles, derived } = await findPassedOn({ engine, folder, variables, mainFile });
    const files = await Promise.all(envFiles.map(async (path) => await folder.readEnvFile(path)));
    const ofFiles = files.flatMap((file) => (file?.text ? [...parseEnvFile(file.text).variables.values()] : []));
    return { values: [...new Set([...ofVariables, ...derived, ...ofFiles])] };
  };
}
