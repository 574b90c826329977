import picocolors from 'picocolors';

/** What a piece of text means to the reader. How that looks is decided here and nowhere else. */
export type Tone = 'plain' | 'good' | 'busy' | 'warning' | 'bad' | 'dim' | 'strong';

/** Text as it looks on this stream: unchanged where there are no colours. */
export type Paint = (tone: Tone, text: string) => string;

/** Colours on a terminal only, and never when NO_COLOR is set to anything (https://no-color.org). */
export function createPaint({ isTerminal, noColor }: { readonly isTerminal: boolean; readonly noColor: string | undefined }): Paint {
  const colors = picocolors.createColors(isTerminal && (noColor ?? '') === '');
  const paints: Readonly<Record<Tone, (text: string) => string>> = {
    plain: String,
    good: colors.green,
    busy: colors.cyan,
    warning: colors.yellow,
    bad: colors.red,
    dim: colors.dim,
    strong: colors.bold,
  };
  return (tone, text) => paints[tone](text);
}
