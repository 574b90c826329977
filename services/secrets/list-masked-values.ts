import { type Engine, findPassedOn, parseEnvFile, readVariables, type SecretStore, type TemplateFolder } from '@kedge/config/template';
import type { MaskReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';

interface MaskPorts {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly store: SecretStore | null;
  /** What the main file is called; absent: whichever there is of those names that it has by default. */
  readonly mainFile?: string | undefined;
}

/** Values of before that are still masked; the oldest go first. */
const mostRemembered = 10_000;

/**
 * Makes the answer to `secrets.mask`: the values of all variables, what templates make of them, and those of the env files that services
 * name, since any of them may have reached a container's environment. What was there before is masked on: containers run on with it while
 * the files are broken, and until they are replaced. It rejects with RetryableError MASK_UNKNOWN while the variable files are broken and
 * were so ever since this process started: then nobody can tell.
 */
export function createListMaskedValues({ engine, folder, store, mainFile }: MaskPorts) {
  let remembered: ReadonlySet<string> | null = null;

  async function present(): Promise<{ readonly values: readonly string[]; readonly isWhole: boolean }> {
    const variables = await readVariables({ engine, folder, store });
    const ofVariables = [...variables.values].flatMap(([name, value]) => (variables.unresolved.has(name) ? [] : [value]));
    const { envFiles, derived } = await findPassedOn({ engine, folder, variables, mainFile });
    const files = await Promise.all(envFiles.map(async (path) => await folder.readEnvFile(path)));
    const ofFiles = files.flatMap((file) => (file?.text ? [...parseEnvFile(file.text).variables.values()] : []));
    return { values: [...ofVariables, ...derived, ...ofFiles], isWhole: variables.complete };
  }

  return async function listMaskedValues(): Promise<MaskReply> {
    const { values, isWhole } = await present();
    if (!isWhole && !remembered)
      throw new RetryableError(
        'MASK_UNKNOWN',
        'the variable files are broken, so nobody can tell what to mask; "kedge validate" names the place',
      );
    const fresh = new Set(values);
    const all = [...[...(remembered ?? [])].filter((value) => !fresh.has(value)), ...fresh].slice(-mostRemembered);
    remembered = new Set(all);
    return { values: all };
  };
}
