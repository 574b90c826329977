/** What is asked of every candidate, one after the other within a round. */
export interface Case {
  readonly name: string;
  readonly protocol: 'plain' | 'tls' | 'h2';
  readonly path: '/200' | '/10k';
  readonly connections: number;
  /** Hosts that the candidate knows; the one that is asked for is in the middle. */
  readonly routes: 1 | 10_000;
  /** Every request on a connection of its own. */
  readonly isFresh?: boolean;
}

export const cases: readonly Case[] = [
  { name: 'plain 200 B', protocol: 'plain', path: '/200', connections: 64, routes: 1 },
  { name: 'plain 10 KB', protocol: 'plain', path: '/10k', connections: 64, routes: 1 },
  { name: 'TLS 200 B', protocol: 'tls', path: '/200', connections: 64, routes: 1 },
  { name: 'HTTP/2 200 B', protocol: 'h2', path: '/200', connections: 64, routes: 1 },
  { name: 'TLS handshakes', protocol: 'tls', path: '/200', connections: 64, routes: 1, isFresh: true },
  { name: 'plain 200 B, 2,000 connections', protocol: 'plain', path: '/200', connections: 2_000, routes: 1 },
  { name: 'plain 200 B, 10,000 routes', protocol: 'plain', path: '/200', connections: 64, routes: 10_000 },
];
