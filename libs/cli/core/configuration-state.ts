import type { ConfigState, StatusReply } from '@kedge/shared/contracts';

/** How the newest configuration stands; a reconciler that does not say it yet says at least whether that one is in force. */
export function configurationState({ state, problem, revision }: StatusReply['config']): ConfigState {
  if (state !== undefined) return state;
  if (problem !== null) return 'rejected';
  return revision === null ? 'unread' : 'in-force';
}

/** What stays as it is while there is nothing to do, and something stands in the way of the newest configuration. */
export function restLine({ config, down }: Pick<StatusReply, 'config' | 'down'>): string {
  if (down) return 'Nothing to do before that.';
  const state = configurationState(config);
  switch (state) {
    case 'rejected':
    case 'held':
    case 'unread': {
      if (config.revision !== null) return 'Nothing to do meanwhile: the configuration before it stays in force.';
      return state === 'unread' ? 'Nothing to do before one has been read.' : 'Nothing to do: no configuration is in force.';
    }
    case 'in-force':
      return 'Nothing to do.';
    default:
      return state satisfies never;
  }
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
      return isFirst
        ? 'No service is declared yet: no configuration has been read.'
        : 'No service is declared by the configuration in force; the newer one cannot be read.';
    case 'held':
    case 'in-force':
      return 'No service is declared yet: put a folder with a service.toml beside the main file and name it there.';
    default:
      return state satisfies never;
  }
}
