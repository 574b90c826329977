import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { type MainConfiguration, readMain } from './grammar/main-configuration.ts';
import { readService, readUnrenderedService, type ServiceReading } from './grammar/read-service.ts';
import { scanMain } from './grammar/scan-main.ts';
import type { NamedFolder } from './grammar/service-path.ts';
import { parseTemplate, type TemplateFile } from './grammar/template-file.ts';
import { readFaulty, readUnrendered } from './grammar/unrendered-file.ts';
import type { ServiceText } from './known-configuration.ts';

interface Asked {
  readonly reply: RenderReply;
  /** What was asked for: everything else that has a problem is a file of variables. */
  readonly asked: readonly { readonly path: string }[];
}

/** An answer, by the paths of files: there may be thousands. */
export interface Answer {
  readonly files: ReadonlyMap<string, RenderReply['files'][number]>;
  /** Files that have problems. */
  readonly wrong: ReadonlySet<string>;
  readonly areVariablesBroken: boolean;
}

/** What was answered to a question. */
export function answerOf({ reply, asked }: Asked): Answer {
  const wrong = new Set(reply.problems.map(({ path }) => path));
  const own = new Set(asked.map(({ path }) => path));
  return {
    files: new Map(reply.files.map((file) => [file.path, file])),
    wrong,
    areVariablesBroken: [...wrong].some((path) => !own.has(path)),
  };
}

interface File {
  readonly path: string;
  readonly text: string;
  /** What messages call it, if not by its path. */
  readonly shownAs?: string;
}

/**
 * A file as it was rendered; null when it could not be. With a broken variable file a template may be wrong only because of that: the
 * broken file is the problem to show.
 */
function templateOf({ files, wrong, areVariablesBroken }: Answer, { path, text, shownAs = path }: File): TemplateFile | null {
  if (wrong.has(path) || (isTemplate(text) && areVariablesBroken)) return null;
  const file = files.get(path);
  return file ? { path: shownAs, source: text, rendered: file.text, map: file.map, tainted: file.tainted } : null;
}

/** True when the answer has neither the file nor a reason. */
export function isForgotten({ files, wrong, areVariablesBroken }: Answer, path: string): boolean {
  return !areVariablesBroken && !files.has(path) && !wrong.has(path);
}

interface MainToRead {
  readonly answer: Answer;
  readonly file: File;
  readonly within: NamedFolder;
  /** Why it could not be rendered, if so. */
  readonly problems: readonly ConfigProblem[];
}

/** The main file; as much of it as can be told when it could not be rendered, or is no TOML. */
export function mainOf({ answer, file: { path, text }, within, problems }: MainToRead): {
  readonly main: MainConfiguration;
  readonly isRendered: boolean;
} {
  const template = templateOf(answer, { path, text });
  const parsed = template && parseTemplate(template);
  if (parsed && 'file' in parsed) return { main: readMain({ file: parsed.file, within }), isRendered: true };
  const { tables, problems: faults, isWhole } = template ? readFaulty(template) : readUnrendered(path, text);
  const told = [...problems, ...(parsed ? parsed.problems : faults)];
  const isRendered = template !== null;
  const main = tables && readMain({ ...tables, within });
  const all = [...told, ...(main?.problems ?? [])];
  // A table that lost a line may still name its service.
  if (!main || !isWhole) return { main: scanMain({ path, source: text, within, problems: all }), isRendered };
  return { main: { ...main, main: null, problems: all }, isRendered };
}

/** The file of a service; as much of it as can be told when it could not be rendered. */
export function serviceOf(
  answer: Answer,
  { folder, path, text, shownAs, within }: ServiceText & { readonly within: NamedFolder },
): ServiceReading & { readonly isRendered: boolean } {
  const template = templateOf(answer, { path, text, shownAs });
  if (template) return { ...readService(template, { folder, within }), isRendered: true };
  return { ...readUnrenderedService({ path: shownAs, source: text }, { folder, within }), isRendered: false };
}

function isTemplate(text: string): boolean {
  return /\$\{|\{[%#]/.test(text);
}
