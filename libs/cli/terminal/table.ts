import { stripVTControlCharacters } from 'node:util';
import type { Paint, Tone } from './style.ts';

/** One cell: text, or text with a tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly paint: Paint;
  /** No line is to be wider than so many characters: the last column is cut to that. Default: each is as wide as it is. */
  readonly columns?: number | undefined;
}

const gap = '  ';
/** What is left of a cell that is cut, where the columns before it leave less. */
const leastLeft = 20;

/** Lines of a table: columns as wide as their widest cell, the last one ragged. Columns in which no row says anything are left out. */
export function formatTable({ headings, rows, paint, columns = Number.POSITIVE_INFINITY }: Table): string[] {
  const shown = headings.map((_, column) => column).filter((column) => rows.some((row) => textOf(row[column]) !== ''));
  const widths = new Map(
    shown.map((column) => [column, Math.max(headings[column]?.length ?? 0, ...rows.map((row) => textOf(row[column]).length))]),
  );
  const last = headings.length - 1;
  const before = shown.filter((column) => column !== last).map((column) => (widths.get(column) ?? 0) + gap.length);
  const room = Math.max(
    leastLeft,
    before.reduce((left, width) => left - width, columns),
  );

  function line(cells: readonly (Cell | undefined)[]): string {
    const padded = shown.map((column) => {
      const cell = cells[column];
      const whole = textOf(cell);
      const text = (column === last ? cutTo(room, whole) : whole).padEnd(widths.get(column) ?? 0);
      return { text, tone: toneOf(cell) };
    });
    const used = padded.findLastIndex(({ text }) => text.trim() !== '');
    return padded
      .slice(0, used + 1)
      .map(({ text, tone }, index) => paint(tone, index === used ? text.trimEnd() : text))
      .join(gap);
  }

  return [line(headings.map((text): Cell => ({ text, tone: 'dim' }))), ...rows.map(line)];
}

function cutTo(room: number, text: string): string {
  if (text.length <= room) return text;
  // Half of a character is none.
  const kept = text.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}…`;
}

/** One line of what may come from anywhere: no control characters, so that nothing rewrites the terminal or breaks the table. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}

function textOf(cell: Cell | undefined): string {
  return oneLine(cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text);
}

function toneOf(cell: Cell | undefined): Tone {
  return cell === undefined || typeof cell === 'string' ? 'plain' : cell.tone;
}
