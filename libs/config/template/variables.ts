import { primaryFile } from '../env-file-name.ts';
import type { TextFile } from '../ports.ts';
import { cannotBeRead } from '../unreadable-text.ts';
import { type Engine, mostFileMs } from './engine.ts';
import { tooSlow } from './failure.ts';
import { lexTemplate, type TemplateProblem } from './lexer.ts';
import { namesMentioned } from './names-read.ts';
import { definedOutside } from './own-names.ts';
import type { SecretSource } from './secret-source.ts';
import type { SecretAnswer } from './secret-store.ts';
import { renderWithStandIns } from './stand-ins.ts';
import { traceTaint } from './trace-taint.ts';
import { incomplete, passedOver, readUnrenderedDocument, readVariableDocument, type Variables } from './variable-document.ts';

interface FilesToMerge {
  readonly engine: Engine;
  readonly files: readonly TextFile[];
  /** What secret sources said, by `sourceKey`. */
  readonly known?: Known;
}

type Known = ReadonlyMap<string, SecretAnswer>;

/**
 * Merges variable files in the order given: the primary file is plain TOML, the others are rendered with its variables first; a later
 * file overrides an earlier one. All values are strings.
 */
export function mergeVariables({ engine, files, known = new Map() }: FilesToMerge): Variables {
  const read = (file: TextFile, renderedWith: Variables | null) => readFile(file, { engine, known, renderedWith });
  const primary = merge(files.filter(isPrimary).map((file) => read(file, null)));
  const secondary = files.filter((file) => !isPrimary(file)).map((file) => read(file, primary));
  return merge([primary, ...secondary]);
}

function isPrimary({ path }: TextFile): boolean {
  return path === primaryFile;
}

function merge(parts: readonly Variables[]): Variables {
  const values = new Map<string, string>();
  const secrets = new Set<string>();
  const unresolved = new Map<string, SecretSource>();
  const definedAt = new Map<string, () => string>();
  // Whoever writes a name out anywhere knows it.
  const written = new Set(parts.flatMap(({ values, made }) => [...values.keys()].filter((name) => !made.has(name))));
  for (const part of parts) {
    for (const [name, value] of part.values) {
      values.set(name, value);
      secrets.delete(name);
      unresolved.delete(name);
      if (part.secrets.has(name)) secrets.add(name);
      const whereIs = part.definedAt.get(name);
      definedAt.delete(name);
      if (whereIs) definedAt.set(name, whereIs);
      const source = part.unresolved.get(name);
      if (source) unresolved.set(name, source);
    }
  }
  return {
    values,
    secrets,
    unresolved,
    definedAt,
    made: new Set([...values.keys()].filter((name) => !written.has(name))),
    problems: parts.flatMap(({ problems }) => problems),
    warnings: parts.flatMap(({ warnings }) => warnings),
    complete: parts.every(({ complete }) => complete),
  };
}

interface Reading {
  readonly engine: Engine;
  readonly known: Known;
  readonly renderedWith: Variables | null;
}

function readFile({ path, text, trouble, isPassedOver = false }: TextFile, { engine: whole, known, renderedWith }: Reading): Variables {
  if (isPassedOver) return passedOver(path, trouble);
  if (text === null) return incomplete([{ path, offset: 0, message: cannotBeRead(trouble) }]);
  if (!renderedWith) {
    return readVariableDocument({
      path,
      source: text,
      rendered: text,
      map: [[0, 0]],
      known,
      taintOf: () => ({ leaves: [], problems: [] }),
    });
  }
  const lexed = lexTemplate(text);
  const engine = whole.within(mostFileMs);
  const told = (problems: readonly TemplateProblem[]) => {
    // With a broken primary file a name may be missing only because of that: one problem, not one for each use.
    const own = renderedWith.complete ? problems : problems.filter(({ missing }) => missing === undefined);
    return readUnrenderedDocument({ path, source: text, known }, own.map(withoutWord));
  };
  if (!lexed.ok) {
    const rest = lexed.rest && renderWithStandIns({ engine, template: lexed.rest, variables: renderedWith }).result;
    return told([...lexed.problems, ...(rest && !rest.ok ? rest.problems : [])]);
  }
  const { result, template, variables } = renderWithStandIns({ engine, template: lexed.template, variables: renderedWith });
  if (!result.ok) return told(result.problems);
  const unresolved = lexed.template.segments.flatMap((segment) =>
    segment.kind === 'text' ? [] : namesMentioned(segment.code.tokens).flatMap(({ text: name }) => renderedWith.unresolved.get(name) ?? []),
  );
  const read = readVariableDocument(
    {
      path,
      source: text,
      rendered: result.text,
      map: result.map,
      known,
      unresolved: unresolved[0],
      taintOf: (root) => traceTaint({ engine, template, rendered: result, root, variables }),
    },
    definedOutside(lexed.template, renderedWith.definedAt),
  );
  return engine.ranOut() ? incomplete([{ path, ...tooSlow(lexed.template) }]) : read;
}

function withoutWord({ wordless, nearest, ...problem }: TemplateProblem): TemplateProblem {
  if (wordless !== undefined) return { ...problem, message: wordless };
  return nearest === undefined ? problem : { ...problem, nearest };
}
