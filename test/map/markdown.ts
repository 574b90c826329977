/** Something in a Markdown text that claims to exist. */
export interface Mention {
  /** Counted from 1. */
  readonly line: number;
  /** `inline`: between code marks · `shell`: a line of a fenced block that a reader would type · `link`: where a link leads. */
  readonly kind: 'inline' | 'shell' | 'link';
  readonly text: string;
}

const fence = /^\s*(?:```|~~~)\s*(\w*)/;
const shells = new Set(['sh', 'bash', 'shell', 'console']);

/** Every mention, in their order. Fenced blocks of other languages hold files of the reader, not of this repository. */
export function mentionsIn(markdown: string): Mention[] {
  const found: Mention[] = [];
  let language: string | null = null;
  let continued = '';
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1;
    const opened = fence.exec(text);
    if (opened) language = language === null ? (opened[1] ?? '') : null;
    else if (language === null) found.push(...spansOf(text, line));
    else if (shells.has(language)) {
      const whole = continued + text.replace(/^\s*\$ /, '');
      continued = whole.endsWith('\\') ? `${whole.slice(0, -1)} ` : '';
      if (continued === '' && whole.trim() !== '') found.push({ line, kind: 'shell', text: whole.trim() });
    }
  }
  return found;
}

function spansOf(text: string, line: number): Mention[] {
  const inline = [...text.matchAll(/`([^`]+)`/g)].map((match): Mention => ({ line, kind: 'inline', text: match[1] ?? '' }));
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match): Mention => ({ line, kind: 'link', text: match[1] ?? '' }));
  return [...inline, ...links];
}
