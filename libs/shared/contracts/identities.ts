/** Everybody who connects to the bus. Each has its own NATS account and key; all instances of a component share one. */
export const identities = ['provision', 'watcher', 'reconciler', 'scheduler', 'proxy', 'secrets', 'cli', 'hooks'] as const;
/** Its account has the same name in capitals. */
export type Identity = (typeof identities)[number];

/** The five components. */
export const components = ['watcher', 'reconciler', 'scheduler', 'proxy', 'secrets'] as const;
/** Its folder is `services/<component>/`. */
export type Component = (typeof components)[number];
