/** An address to listen on, and whether others may listen there too. */
export interface Place {
  readonly host: string;
  readonly reusePort?: true;
}

/** The first attempt that this machine is able to make: shared with others, if it can be, and on IPv4 alone where there is no IPv6. */
export async function firstSupported<Opened>(host: string, attempt: (place: Place) => Promise<Opened>): Promise<Opened> {
  const hosts = host === '::' ? [host, '0.0.0.0'] : [host];
  let refusal: unknown;
  for (const place of hosts.flatMap((each): Place[] => [{ host: each, reusePort: true }, { host: each }])) {
    try {
      return await attempt(place);
    } catch (thrown) {
      refusal = thrown;
      if (!isUnsupported(thrown)) throw thrown;
    }
  }
  throw refusal;
}

function isUnsupported(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return code === 'ENOTSUP' || code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'ENOPROTOOPT';
}
