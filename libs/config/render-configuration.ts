import type { RenderReply, RenderRequest } from '@kedge/shared/contracts';
import { canonicalJson } from '@kedge/shared/kernel';
import type { TemplateFolder } from './ports.ts';
import { type FingerprintKey, fingerprint } from './template/fingerprint.ts';
import { renderFile } from './template/render-file.ts';
import { mergeVariables } from './template/variables.ts';

interface RenderPorts {
  readonly folder: TemplateFolder;
  readonly key: FingerprintKey;
}

/** Makes the answer to `config.render`: every file with its variables put in, and what depends on them by fingerprint only. */
export function createRenderConfiguration({ folder, key }: RenderPorts) {
  return async function renderConfiguration({ files }: RenderRequest): Promise<RenderReply> {
    const variables = mergeVariables(await folder.readVariableFiles());
    const rendered = files.map(({ path, text }) => renderFile({ path, text, variables, key }));
    return {
      variables: fingerprint(key, 'variables', canonicalJson([...variables.values].toSorted(byName))),
      files: rendered.map(({ file }) => file),
      problems: [...variables.problems, ...rendered.flatMap(({ problems }) => problems)],
    };
  };
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1;
}
