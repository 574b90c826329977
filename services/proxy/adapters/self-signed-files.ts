import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sealed } from '@kedge/shared/kernel';
import type { FoundCertificate, SelfSignedStore } from '../ports.ts';
import { removeAbandoned, replaceFile } from './replace-file.ts';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/;
const keyBlock = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;

/** A file name has 255 bytes at the most, and beside it stands the one that is being written. */
const longestHost = 100;

/**
 * Keeps them in `<folder>/self-signed/<host>.pem`, readable for nobody else: they outlive a restart, and with them what a browser was told to
 * accept. That of a host with more than 100 bytes is `sha256-<hash>.pem`; no host has such a name, whose parts have 63 bytes at the most. That of
 * `*.example.com` is `wildcard~example.com.pem`: a `*` in the name of a file is soon more files than were meant.
 */
export function createSelfSignedFiles(folder: string): SelfSignedStore {
  const own = join(folder, 'self-signed');
  const nameOf = (host: string) => (host.length <= longestHost ? host.replace('*.', 'wildcard~') : `sha256-${hash('sha256', host)}`);
  const fileOf = (host: string) => join(own, `${nameOf(host)}.pem`);
  return {
    async load(host) {
      const text = await readFile(fileOf(host), 'latin1').catch(missing);
      return text === null ? null : read(text);
    },
    async save(host, { certificate, privateKey }) {
      await mkdir(own, { recursive: true, mode: 0o700 });
      await replaceFile(fileOf(host), `${certificate}${privateKey.reveal()}`);
      await removeAbandoned(fileOf(host));
    },
  };
}

/** Null for what is no certificate with its key, and for what somebody else has signed. */
function read(text: string): FoundCertificate | null {
  const [certificate = ''] = certificateBlock.exec(text) ?? [];
  const [privateKey = ''] = keyBlock.exec(text) ?? [];
  try {
    const parsed = new X509Certificate(certificate);
    const isOwn = parsed.checkPrivateKey(createPrivateKey(privateKey)) && parsed.verify(parsed.publicKey);
    if (!isOwn) return null;
    const names = (parsed.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''));
    const terms = { names, notBefore: parsed.validFromDate, notAfter: parsed.validToDate };
    return { certificate, privateKey: new Sealed(privateKey), terms };
  } catch {
    return null; // OpenSSL could not read it
  }
}

function missing(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT') return null;
  throw thrown;
}
