interface Obstacle {
  readonly code: string;
  readonly message: string;
}

/**
 * What a component says of its own connection to the bus is no advice for whoever was just answered over that bus: it was started a moment
 * ago, or is on its way back. Null for any other obstacle.
 */
export function ownTrouble({ code }: Pick<Obstacle, 'code'>, component = 'reconciler'): string | null {
  return code === 'BUS_UNAVAILABLE' ? `the ${component} has no connection to the bus for the moment, and goes on by itself` : null;
}

/** What stands in the way of a service, with its code. */
export function obstacleWords({ code, message }: Obstacle): string {
  return `${ownTrouble({ code }) ?? message} (${code})`;
}

/** Why something is planned; not in a component's words for its own trouble. */
export function plannedLine({ reason, problem }: { readonly reason: string; readonly problem?: Obstacle | undefined }): string {
  return (problem && ownTrouble(problem)) ?? reason;
}
