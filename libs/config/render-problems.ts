import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { placesIn } from './grammar/source-place.ts';
import type { ConfigurationFolder } from './ports.ts';

/** Makes problems of templates and variable files what people read: with line and column, and with the line where it holds no value. */
export function createPlaceProblems(folder: Pick<ConfigurationFolder, 'variablesText'>) {
  return async function placeProblems(
    problems: RenderReply['problems'],
    templates: readonly { readonly path: string; readonly text: string; readonly shownAs?: string }[],
  ): Promise<ConfigProblem[]> {
    const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
    const byPath = new Map(templates.map((template) => [template.path, template]));
    const paths = [...new Set(problems.map(({ path }) => path))];
    const places = new Map(
      await Promise.all(
        paths.map(async (path) => [path, placesIn(byPath.get(path)?.text ?? (await folder.variablesText(path)) ?? '')] as const),
      ),
    );
    return [...unique.values()].map(({ path, offset, message, nearest }) => {
      const template = byPath.get(path);
      const { excerpt, ...place } = places.get(path)?.(offset) ?? { line: 1, column: 1, excerpt: '' };
      // A line of a variable file holds a value: it is counted, never shown.
      const shown = template ? { excerpt } : {};
      return { file: template?.shownAs ?? path, ...place, message, ...shown, ...(nearest === undefined ? {} : { nearest }) };
    });
  };
}

/** `templates` are what was asked for; every other path is one of a file of variables. */
export type PlaceProblems = ReturnType<typeof createPlaceProblems>;
