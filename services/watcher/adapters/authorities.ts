import { getCACertificates } from 'node:tls';

/** The file of further certificates of authorities that this process was started with, and how many it found in it. */
export interface Authorities {
  readonly file: string;
  readonly certificates: number;
}

/** Null when no file was named. Node reads it once, at the start, and says nothing about one that holds no certificate. */
export function readAuthorities({ NODE_EXTRA_CA_CERTS: file = '' }: Readonly<Record<string, string | undefined>>): Authorities | null {
  return file === '' ? null : { file, certificates: getCACertificates('extra').length };
}
