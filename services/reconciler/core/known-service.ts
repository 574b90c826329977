interface Traces {
  readonly record: unknown;
  readonly endpoints: unknown;
  readonly bars: unknown;
}

/**
 * True when the store has ever heard of the service. After the store was lost a configuration that names nothing looks like one that
 * removes everything; containers that nobody remembers making are not taken for containers that nobody wants.
 */
export function isKnown({ record, endpoints, bars }: Traces): boolean {
  return [record, endpoints, bars].some((trace) => trace !== null && trace !== undefined);
}

/** What people are told about containers of a service that is neither declared nor known. */
export const unknownReason = 'it is not declared, and the store has never heard of it: declare it again, or remove its containers yourself';
