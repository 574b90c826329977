import type { RenderProblem, RenderReply, TaintedLeaf } from '@kedge/shared/contracts';
import { findTaint } from './find-taint.ts';
import { type FingerprintKey, fingerprint } from './fingerprint.ts';
import { formatPlace } from './secret-place.ts';
import { parseTemplate, renderTemplate, type TemplateProblem, undefinedVariables, unsupportedParts } from './template.ts';
import { type Leaf, scalarJson } from './toml-document.ts';
import type { Variables } from './variables.ts';

interface FileToRender {
  readonly path: string;
  readonly text: string;
  readonly variables: Pick<Variables, 'values' | 'complete'>;
  readonly key: FingerprintKey;
}

interface RenderedFile {
  readonly file: RenderReply['files'][number];
  readonly problems: readonly RenderProblem[];
}

/** Renders one file and names the values in it that depend on variables. A file with problems has its placeholders left in and no taint. */
export function renderFile({ path, text, variables, key }: FileToRender): RenderedFile {
  const template = parseTemplate(text);
  const rendered = renderTemplate(template, variables.values);
  const unsupported = unsupportedParts(template);
  const undefinedNames = undefinedVariables(template, variables.values.keys());
  if (unsupported.length > 0 || undefinedNames.length > 0) {
    // With a broken variable file a name may be missing only because of that: the broken file is the problem to show.
    const own = variables.complete ? [...unsupported, ...undefinedNames] : unsupported;
    return { file: { path, ...rendered, tainted: [] }, problems: own.map((problem) => named(path, problem)) };
  }
  const { leaves, problems } = findTaint(template, variables.values);
  const tainted = leaves.map((leaf) => taintedLeaf(path, leaf, key));
  return { file: { path, ...rendered, tainted }, problems: problems.map((problem) => named(path, problem)) };
}

/** The fingerprint of the value at a place. */
export function fingerprintOf(key: FingerprintKey, ref: string, value: Leaf['value']): string {
  return fingerprint(key, ref, scalarJson(value));
}

function taintedLeaf(path: string, { pointer, value }: Leaf, key: FingerprintKey): TaintedLeaf {
  const ref = formatPlace(path, pointer);
  return { pointer: [...pointer], origin: 'vars', secret: { ref, fingerprint: fingerprintOf(key, ref, value) } };
}

function named(path: string, { offset, message, nearest }: TemplateProblem): RenderProblem {
  return { path, offset, message, ...(nearest === undefined ? {} : { nearest }) };
}
