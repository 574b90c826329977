/** How much of a file a faulty statement may have to do with. */
export interface FaultExtent {
  /** What is not known because of it: the value of its key, all of its table, or which table anything stands in. */
  readonly unknown: 'nothing' | 'value' | 'table' | 'anything';
  /** What stands behind it, up to the next header, may belong to it. */
  readonly goesOn: boolean;
  /** A text of several lines begins or ends in it: what follows may be text. */
  readonly isBottomless: boolean;
}

const beginsWithKey = /^(?:[\w-]+|"[^"\\\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\\\n]*"|'[^'\n]*'))*(?=[ \t]*=)/;

/** What lost a quote, a bracket or a letter, and cannot be two keys, nor hide a header. */
const singleValues = [
  /^[^\s"'=[\]{},#]+(?:[ \t]+#[^=[\]{}]*)?$/,
  /^"[^"=[\]{}]*$/,
  /^'[^'=[\]{}]*$/,
  /^[^"'=[\]{}]*["']$/,
  /^(?:"[^"=[\]{}]*"|'[^'=[\]{}]*')[ \t]*(?:\w\b)?[^\w"'=[\]{}]*$/,
  /^\[[^=[\]{}]*\]?$/,
  /^["'][^=[\]{}]*["'],?[ \t]*\]$/,
];

/** The key that a statement begins with, as it is written; null when none can be read. */
export function keyOf(written: string): string | null {
  return beginsWithKey.exec(written)?.[0] ?? null;
}

/** Tells how far a statement reaches that is no TOML. In doubt it reaches farther. */
export function faultExtent(kind: 'header' | 'pair' | 'comment', written: string): FaultExtent {
  const text = written.trim();
  const isBottomless = /"""|'''/.test(text);
  if (kind === 'comment') return { unknown: 'nothing', goesOn: false, isBottomless };
  const key = kind === 'pair' ? keyOf(text) : null;
  const value = key === null ? null : text.slice(key.length).replace(/^[ \t]*=[ \t]*/, '');
  if (value === null || text.includes('\n')) {
    const behind = kind === 'header' ? text.replace(/^\[\[?[^[\]]*\]?\]?/, '') : text;
    return { unknown: 'anything', goesOn: text.includes('\n') || isUnfinished(behind), isBottomless };
  }
  if (singleValues.some((single) => single.test(value))) return { unknown: 'value', goesOn: false, isBottomless };
  return { unknown: /[[\]]/.test(value) ? 'anything' : 'table', goesOn: isUnfinished(text), isBottomless };
}

function isUnfinished(written: string): boolean {
  const text = written.replaceAll(/"[^"]*"|'[^']*'/g, '');
  const count = (signs: RegExp) => text.match(signs)?.length ?? 0;
  return /[,=[{]$/.test(text) || count(/[[{]/g) > count(/[\]}]/g);
}
