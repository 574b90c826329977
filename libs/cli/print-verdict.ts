import type { ConfigProblem, ValidateReply } from '@kedge/shared/contracts';
import { describeProblem } from './core/describe-problem.ts';
import { verdictLine } from './core/describe-verdict.ts';
import type { Tone } from './terminal/style.ts';
import { oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

interface Told {
  readonly reply: ValidateReply;
  /** Asked for as Dispenser spells it. */
  readonly test?: boolean;
}

/** What is wrong, what is dangerous, what nobody could check, each with its place, and at last what it comes to. */
export function printVerdict(terminal: Terminal, { reply, test = false }: Told): void {
  const { problems, notChecked = [], held } = reply;
  // What is held has no fault: no line of it is to be mended.
  printPlaces(terminal, { tone: 'bad', places: held ? [] : problems });
  printWarnings(terminal, reply.warnings);
  if (notChecked.length > 0) {
    terminal.print('Not checked, because secret sources were not asked:');
    printPlaces(terminal, { tone: 'dim', places: notChecked });
  }
  terminal.print(verdictLine(reply, test));
}

/** What is allowed and dangerous, each with its place. */
export function printWarnings(terminal: Terminal, warnings: readonly ConfigProblem[] = []): void {
  printPlaces(terminal, { tone: 'warning', places: warnings.map((warning) => ({ ...warning, message: `warning: ${warning.message}` })) });
}

interface Places {
  readonly tone: Tone;
  readonly places: readonly ConfigProblem[];
}

function printPlaces(terminal: Terminal, { tone, places }: Places): void {
  for (const place of places) {
    const [where = '', ...source] = describeProblem(place);
    terminal.print(terminal.paint(tone, oneLine(where)));
    for (const line of source) terminal.print(line);
    terminal.print();
  }
}
