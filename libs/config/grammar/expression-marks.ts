/** Puts something harmless into the place of expressions, so that what does not depend on them can be read. */
export interface ExpressionMarks {
  /** As long as the text. */
  marked(text: string): string;
  /** Whether an expression has a part in what was read of such a text, or what is meant to be one. */
  isMade(text: string): boolean;
}

/** Stands for the sign of an expression that has no end in its line: the bracket in it opens nothing. */
const openMark = '$\uE000';
/** An expression has its line for itself, or nothing but names and filters between its braces. */
const expression = /\$\{(?:[^{}\n]*|[\w\s.|()-]*)\}/g;

/** Valid as a part of a text and as a number, and not longer than an expression; the first stands in nearly no file. */
const marks = Array.from({ length: 30 }, (_, index) => String(7707 + 37 * index));
/** For `${}`, which is no expression, and shorter than any. */
const shortMarks = Array.from({ length: 30 }, (_, index) => String(707 + 7 * index));

/** Marks that do not stand in a source. */
export function marksFor(source: string): ExpressionMarks {
  const unused = (among: readonly string[]) => among.find((mark) => !source.includes(mark)) ?? among[0] ?? '';
  const mark = unused(marks);
  const shortMark = unused(shortMarks);
  const hasShort = source.includes('${}');
  const replacement = (found: string) => {
    const own = found.length > 3 ? mark : shortMark;
    return own + found.slice(own.length).replaceAll(/[^\r\n]/g, ' ');
  };
  return {
    marked: (text) => text.replaceAll(expression, replacement).replaceAll('${', openMark),
    isMade: (text) => text.includes(mark) || text.includes(openMark) || (hasShort && text.includes(shortMark)),
  };
}
