import assert from 'node:assert/strict';
import type { TaintedLeaf } from '@kedge/shared/contracts';
import { parseTemplate, type TemplateFile, type TomlFile } from '../grammar/template-file.ts';
import { renderPlain } from './plain-secrets.ts';

interface Rendering {
  readonly variables?: Readonly<Record<string, string>>;
  readonly tainted?: readonly TaintedLeaf[];
}

/** A template as the renderer would return it. */
export function templateFile(path: string, source: string, { variables = {}, tainted = [] }: Rendering = {}): TemplateFile {
  const { text, map } = renderPlain(source, variables);
  return { path, source, rendered: text, map, tainted };
}

/** A template that must be valid TOML. */
export function tomlFile(path: string, source: string, rendering: Rendering = {}): TomlFile {
  const parsed = parseTemplate(templateFile(path, source, rendering));
  assert.ok('file' in parsed, `not valid TOML: ${JSON.stringify(parsed)}`);
  return parsed.file;
}

/** A leaf that a variable filled. */
export function taintedLeaf(pointer: TaintedLeaf['pointer'], origin: TaintedLeaf['origin'] = 'vars', fingerprint = 'key1:aa'): TaintedLeaf {
  return { pointer, origin, secret: { ref: `web/service.toml#/${pointer.join('/')}`, fingerprint } };
}
