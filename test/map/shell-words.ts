/** One command of a shell line: what is set for it, and its words. */
export interface ShellCommand {
  /** Names that are set before the command. */
  readonly assigned: readonly string[];
  readonly words: readonly string[];
}

const word = /&&|\|\||[|;&]|(?:\\.|"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'|;&])+/g;
const assignment = /^([A-Za-z_]\w*)=/;

/** Splits a line as a shell does, as far as READMEs use one: comments, quotes, several commands in a line, variables set before a command. */
export function shellCommands(line: string): ShellCommand[] {
  const commands: { assigned: string[]; words: string[] }[] = [{ assigned: [], words: [] }];
  for (const [found] of line.replace(/(?:^|\s)#.*$/, '').matchAll(word)) {
    const last = commands.at(-1);
    if (/^(?:&&|\|\||[|;&])$/.test(found)) commands.push({ assigned: [], words: [] });
    else if (last?.words.length === 0 && assignment.test(found)) last.assigned.push(assignment.exec(found)?.[1] ?? '');
    else last?.words.push(found.replaceAll(/["']/g, ''));
  }
  return commands.filter(({ assigned, words }) => assigned.length > 0 || words.length > 0);
}
