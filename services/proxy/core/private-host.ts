/** Names that no public DNS has: RFC 2606, RFC 6761, RFC 6762, RFC 8375, and ICANN's `internal`. */
const privateZones: readonly string[] = ['localhost', 'test', 'example', 'invalid', 'local', 'internal', 'home.arpa'];

/** Whether only a DNS of one's own, or a hosts file, can know this host: it lies in such a zone, or is a name without a dot. */
export function isPrivateHost(host: string): boolean {
  const name = host.replace(/\.$/, '').toLowerCase();
  return !name.includes('.') || privateZones.some((zone) => name === zone || name.endsWith(`.${zone}`));
}
