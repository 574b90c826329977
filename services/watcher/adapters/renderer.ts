import type { Renderer } from '@kedge/config';
import { askSealed, type Bus } from '@kedge/shared/bus';
import { RenderReply, type RenderRequest } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';

type TemplateText = RenderRequest['files'][number];

/** One question on the bus must stay below 1 MB, sealed and with its answer. */
const largestQuestion = 200_000;

/** Templates rendered by the secrets component. `recipient` is its public curve key. */
export function createRenderer(bus: Bus, recipient: string): Renderer {
  async function ask(files: readonly TemplateText[], envFiles?: readonly string[]): Promise<RenderReply> {
    const question: RenderRequest = { files: [...files], ...(envFiles && { envFiles: [...envFiles] }) };
    return await askSealed(bus, { subject: 'config.render', question, answer: RenderReply, recipient });
  }

  return {
    async render(files, envFiles) {
      const answers: RenderReply[] = [];
      for (const part of inParts(files)) {
        answers.push(
          ...(await askUntilComplete({
            wanted: part,
            ask,
            missing: ({ path }, reply) => isMissing(path, [...reply.files, ...reply.problems]),
          })),
        );
      }
      if (envFiles) {
        const askEnv = async (paths: readonly string[]) => await ask([], paths);
        const missing = (path: string, reply: RenderReply) => isMissing(path, [...(reply.envFiles ?? []), ...reply.problems]);
        answers.push(...(await askUntilComplete({ wanted: envFiles, ask: askEnv, missing })));
      }
      const [first = { variables: '' }] = answers;
      if (answers.some(({ variables }) => variables !== first.variables)) {
        throw new RetryableError('VARIABLES_CHANGED', 'a variable file changed while the configuration was rendered; it is rendered again');
      }
      const warnings = answers.flatMap((answer) => answer.warnings ?? []);
      return {
        variables: first.variables,
        files: answers.flatMap((answer) => answer.files),
        ...(envFiles && { envFiles: answers.flatMap((answer) => answer.envFiles ?? []) }),
        problems: answers.flatMap((answer) => answer.problems),
        ...(warnings.length > 0 && { warnings }),
      };
    },
  };
}

/** A file whose problem is told is answered, whether its text is there or not: there may be room for one of both only. */
function isMissing(path: string, answered: readonly { readonly path: string }[]): boolean {
  return !answered.some((each) => each.path === path);
}

interface Wanted<Item> {
  readonly wanted: readonly Item[];
  readonly ask: (items: readonly Item[]) => Promise<RenderReply>;
  readonly missing: (item: Item, reply: RenderReply) => boolean;
}

/** An answer holds as much as fits into it: the rest is asked for again, as long as each answer brings something. */
export async function askUntilComplete<Item>({ wanted, ask, missing }: Wanted<Item>): Promise<RenderReply[]> {
  const answers: RenderReply[] = [];
  for (let rest = wanted, before = -1; rest.length !== before; ) {
    const reply = await ask(rest);
    answers.push(reply);
    before = rest.length;
    rest = rest.filter((item) => missing(item, reply));
    if (rest.length === 0) break;
  }
  return answers;
}

/** Consecutive parts that each stay below the limit; a file that is larger alone goes alone. */
export function inParts(files: readonly TemplateText[]): TemplateText[][] {
  const parts: TemplateText[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const file of files) {
    size += file.text.length + file.path.length;
    if (size > largestQuestion) {
      parts.push([]);
      size = file.text.length + file.path.length;
    }
    parts.at(-1)?.push(file);
  }
  return parts;
}
