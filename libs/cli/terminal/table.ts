import { stripVTControlCharacters } from 'node:util';
import type { Paint, Tone } from './style.ts';

/** One cell: text, or text with a tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly paint: Paint;
}

const gap = '  ';

/** Lines of a table: columns as wide as their widest cell, the last one ragged. Columns in which no row says anything are left out. */
export function formatTable({ headings, rows, paint }: Table): string[] {
  const shown = headings.map((_, column) => column).filter((column) => rows.some((row) => textOf(row[column]) !== ''));
  const widths = new Map(
    shown.map((column) => [column, Math.max(headings[column]?.length ?? 0, ...rows.map((row) => textOf(row[column]).length))]),
  );

  function line(cells: readonly (Cell | undefined)[]): string {
    const padded = shown.map((column) => {
      const cell = cells[column];
      const text = textOf(cell).padEnd(widths.get(column) ?? 0);
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
