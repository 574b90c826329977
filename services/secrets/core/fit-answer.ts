import { mostOfAnswer, sizeOf } from '@kedge/config/template';
import type { RenderReply } from '@kedge/shared/contracts';

/**
 * As much of an answer as one message carries. Whoever asked asks once more for the files that are not in it; at least one always is, so
 * that this comes to an end. A file that is too large alone is a problem, and none of it is here.
 */
export function fitAnswer({ files, envFiles, problems, ...rest }: RenderReply): RenderReply {
  let left = mostOfAnswer - sizeOf(problems);
  let isFirst = true;
  const fits = (part: unknown) => {
    left -= sizeOf(part);
    const isIn = isFirst || left >= 0;
    isFirst = false;
    return isIn;
  };
  return { ...rest, files: files.filter(fits), ...(envFiles && { envFiles: envFiles.filter(fits) }), problems };
}
