import type { Summary } from './ratios.ts';

/** A table in Markdown. */
export function tableOf(summaries: readonly Summary[]): string {
  const rows = summaries.map((one) => [
    one.case,
    one.candidate,
    one.cpuSecondsPer100k.toFixed(2),
    one.cpuRatio.toFixed(2),
    Math.round(one.perSecond).toLocaleString('en'),
    one.p99Ms.toFixed(2),
    one.p99Ratio.toFixed(2),
    one.residentMib.toFixed(0),
    String(one.failures),
  ]);
  return alignedTable(['case', 'proxy', 'CPU s/100k', 'Kedge ÷ it', 'req/s', 'p99 ms', 'Kedge ÷ it', 'RSS MiB', 'failed'], rows);
}

/** A table in Markdown with columns of one width each. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}
