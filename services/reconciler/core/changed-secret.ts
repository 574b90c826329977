import type { ConfigManifest } from '@kedge/shared/contracts';

/**
 * The message about a value that a configuration on disk has changed which does not come into force by itself; null when nothing keeps it
 * from that. `found`: the words of the secrets component, which does not know; what happened stands in their first clause.
 */
export function changedSecretMessage(found: string, { held, rejected }: Pick<ConfigManifest, 'held' | 'rejected'>): string | null {
  const what = found.split(';', 1).join();
  // A hold is written down as a rejection, too.
  if (held) return `${what}, in a configuration that is held: "kedge apply" shows it and asks whether it shall be in force`;
  const [problem] = rejected?.problems ?? [];
  return problem
    ? `${what}, in a configuration that is refused: correct ${problem.file}:${problem.line} ("kedge validate"), or put the value back`
    : null;
}
