import { specialName } from './header-names.ts';

/** What a `Connection` header asks for: which other headers end here, or why it is refused. */
export type ConnectionOptions =
  | { readonly kind: 'plain' }
  | { readonly kind: 'named'; readonly names: ReadonlySet<string>; readonly close: boolean }
  | { readonly kind: 'refused'; readonly option: string };

const plain: ConnectionOptions = { kind: 'plain' };

/** Options that are only about the connection and name nothing that this proxy would not remove anyway. */
const ownOptions = new Set(['close', 'keep-alive', 'upgrade', 'te', 'proxy-connection', 'http2-settings']);

/**
 * Reads a `Connection` header. RFC 9110 §7.6.1 lets it name any header as "not for the next one"; obeying that for framing or routing
 * would change what the next one takes for the body or for the sender (request smuggling), so such options are refused.
 */
export function readConnectionOptions(value: string): ConnectionOptions {
  if (value === 'keep-alive' || value === 'Keep-Alive') return plain;
  const names = new Set<string>();
  let close = false;
  for (const part of value.split(',')) {
    const option = part.trim().toLowerCase();
    if (option === 'close') close = true;
    if (option === '' || ownOptions.has(option)) continue;
    if (specialName(option) !== null) return { kind: 'refused', option };
    names.add(option);
  }
  return names.size === 0 && !close ? plain : { kind: 'named', names, close };
}
