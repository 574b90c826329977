import assert from 'node:assert/strict';
import type { TaintedLeaf } from '@kedge/shared/contracts';
import { parseTemplate, type TemplateFile, type TomlFile } from '../grammar/template-file.ts';
import { renderPlain } from './plain-secrets.ts';

interface Rendering {
  readonly source: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly tainted?: readonly TaintedLeaf[];
}

/** A template as the renderer would return it; only its source, when no variable is in it. */
export function templateFile(path: string, given: string | Rendering): TemplateFile {
  const { source, variables = {}, tainted = [] } = typeof given === 'string' ? { source: given } : given;
  const { text, map } = renderPlain(source, variables);
  return { path, source, rendered: text, map, tainted };
}

/** A template that must be valid TOML. */
export function tomlFile(path: string, given: string | Rendering): TomlFile {
  const parsed = parseTemplate(templateFile(path, given));
  assert.ok('file' in parsed, `not valid TOML: ${JSON.stringify(parsed)}`);
  return parsed.file;
}

/** A leaf that a variable filled: of a vars file, unless told otherwise. */
export function taintedLeaf(
  pointer: TaintedLeaf['pointer'],
  { origin = 'vars', fingerprint = 'key1:aa' }: { readonly origin?: TaintedLeaf['origin']; readonly fingerprint?: string } = {},
): TaintedLeaf {
  return { pointer, origin, secret: { ref: `web/service.toml#/${pointer.join('/')}`, fingerprint } };
}
