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
  /** Headings of columns that are left out, one after another, before too little is left of the last one. */
  readonly gives?: readonly string[] | undefined;
}

const gap = '  ';
/** What is left of the last column as long as others can give way. */
const leastLeft = 20;
/** Less of it than this tells nothing. */
const leastTold = 6;

/** Lines of a table: columns as wide as their widest cell, the last one ragged. Columns in which no row says anything are left out. */
export function formatTable(table: Table): string[] {
  const { headings, rows, paint } = table;
  const last = headings.length - 1;
  const { shown, widths, room } = fitted(table);

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

interface Fitted {
  readonly shown: readonly number[];
  readonly widths: ReadonlyMap<number, number>;
  /** What the last column may have. */
  readonly room: number;
}

/** The columns that are shown; the last one is, too, as long as there is room for a word of it. */
function fitted({ headings, rows, columns = Number.POSITIVE_INFINITY, gives = [] }: Table): Fitted {
  const told = headings.map((_, column) => column).filter((column) => rows.some((row) => textOf(row[column]) !== ''));
  const widths = new Map(
    told.map((column) => [column, Math.max(headings[column]?.length ?? 0, ...rows.map((row) => textOf(row[column]).length))]),
  );
  const last = headings.length - 1;
  const least = Math.min(widths.get(last) ?? 0, leastLeft);
  const roomIn = (shown: readonly number[]) =>
    shown.filter((column) => column !== last).reduce((left, column) => left - (widths.get(column) ?? 0) - gap.length, columns);

  const giving = [...gives];
  let shown = told;
  while (giving.length > 0 && roomIn(shown) < least) {
    const heading = giving.shift();
    shown = shown.filter((column) => headings[column] !== heading);
  }
  const room = roomIn(shown);
  return { shown: room < Math.min(least, leastTold) ? shown.filter((column) => column !== last) : shown, widths, room };
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
