import type { StatusReply } from '@kedge/shared/contracts';

/** How the newest configuration stands; `unread`: nobody has read the folder yet. */
export type ConfigurationState = 'in-force' | 'rejected' | 'held' | 'unread';

/** As the reconciler's sentence about it says. */
export function configurationState({ problem, revision }: StatusReply['config']): ConfigurationState {
  if (problem === null) return revision === null ? 'unread' : 'in-force';
  if (/^a configuration waits for "kedge apply/.test(problem)) return 'held';
  return /^no configuration has been read/.test(problem) ? 'unread' : 'rejected';
}

/** What to say in place of a list of services that is empty. */
export function emptyLine(config: StatusReply['config']): string {
  const isFirst = config.revision === null;
  const state = configurationState(config);
  switch (state) {
    case 'rejected':
      return isFirst
        ? 'No service is declared: the configuration was rejected, and there was none before.'
        : 'No service is declared by the configuration in force; the newer one was rejected.';
    case 'unread':
      return 'No service is declared yet: no configuration has been read.';
    case 'held':
    case 'in-force':
      return 'No service is declared yet: put a folder with a service.toml beside the main file and name it there.';
    default:
      return state satisfies never;
  }
}
