import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { placeAt } from './grammar/source-place.ts';
import type { ConfigurationFolder } from './ports.ts';

/** Makes problems of templates and variable files what people read: with line and column, and with the line where it holds no value. */
export function createPlaceProblems(folder: Pick<ConfigurationFolder, 'variablesText'>) {
  return async function placeProblems(
    problems: RenderReply['problems'],
    templates: readonly { readonly path: string; readonly text: string; readonly shownAs?: string }[],
  ): Promise<ConfigProblem[]> {
    const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
    const byPath = new Map(templates.map((template) => [template.path, template]));
    return await Promise.all(
      [...unique.values()].map(async ({ path, offset, message, nearest }) => {
        const { text, shownAs = path } = byPath.get(path) ?? {};
        const { line, column, excerpt } = placeAt(text ?? (await folder.variablesText(path)) ?? '', offset);
        // A line of a variable file holds a value: it is counted, never shown.
        const shown = text === undefined ? {} : { excerpt };
        return { file: shownAs, line, column, message, ...shown, ...(nearest === undefined ? {} : { nearest }) };
      }),
    );
  };
}

/** `templates` are what was asked for; every other path is one of a file of variables. */
export type PlaceProblems = ReturnType<typeof createPlaceProblems>;
