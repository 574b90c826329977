/** True for addresses that only this machine itself has (RFC 6890 §2.2.2, RFC 4291 §2.5.3). */
export function isOwnMachine(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
