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
    return await askSealed(bus, 'config.render', { question, answer: RenderReply, recipient });
  }

  return {
    async render(files, envFiles) {
      const answers: RenderReply[] = [];
      for (const part of inParts(files)) answers.push(await ask(part));
      if (envFiles) answers.push(await ask([], envFiles));
      const [first = { variables: '' }] = answers;
      if (answers.some(({ variables }) => variables !== first.variables)) {
        throw new RetryableError('VARIABLES_CHANGED', 'a variable file changed while the configuration was rendered; it is rendered again');
      }
      return {
        variables: first.variables,
        files: answers.flatMap((answer) => answer.files),
        ...(envFiles && { envFiles: answers.flatMap((answer) => answer.envFiles ?? []) }),
        problems: answers.flatMap((answer) => answer.problems),
      };
    },
  };
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
