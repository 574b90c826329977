import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { type MainConfiguration, readMain } from './grammar/main-configuration.ts';
import { readService, readUnrenderedService, type ServiceReading } from './grammar/read-service.ts';
import { scanMain } from './grammar/scan-main.ts';
import type { NamedFolder } from './grammar/service-path.ts';
import { parseTemplate, type TemplateFile } from './grammar/template-file.ts';
import { inPlainWords } from './grammar/toml-reasons.ts';
import { readUnrendered } from './grammar/unrendered-file.ts';
import type { ServiceText } from './known-configuration.ts';

interface Answer {
  readonly reply: RenderReply;
  /** What was asked for: everything else that has a problem is a file of variables. */
  readonly asked: readonly { readonly path: string }[];
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
function templateOf({ reply, asked }: Answer, { path, text, shownAs = path }: File): TemplateFile | null {
  if (reply.problems.some((problem) => problem.path === path)) return null;
  if (isTemplate(text) && areVariablesBroken({ reply, asked })) return null;
  const file = reply.files.find((each) => each.path === path);
  return file ? { path: shownAs, source: text, rendered: file.text, map: file.map, tainted: file.tainted } : null;
}

/** True when the answer has neither the file nor a reason. */
export function isForgotten({ reply, asked }: Answer, path: string): boolean {
  const isThere = reply.files.some((each) => each.path === path) || reply.problems.some((each) => each.path === path);
  return !isThere && !areVariablesBroken({ reply, asked });
}

function areVariablesBroken({ reply, asked }: Answer): boolean {
  return reply.problems.some((problem) => !asked.some((each) => each.path === problem.path));
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
  if (template) {
    const parsed = parseTemplate(template);
    const main = 'file' in parsed ? readMain({ file: parsed.file, within }) : null;
    return {
      main: main ?? scanMain({ path, source: text, within, problems: 'problem' in parsed ? [inPlainWords(parsed.problem)] : [] }),
      isRendered: true,
    };
  }
  const read = readUnrendered(path, text);
  if (!read) return { main: scanMain({ path, source: text, within, problems }), isRendered: false };
  const main = readMain({ ...read, within });
  return { main: { ...main, main: null, problems: [...problems, ...main.problems] }, isRendered: false };
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
