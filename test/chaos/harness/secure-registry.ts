import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { run } from '../../e2e/harness/shell.ts';

/** The name under which the watcher of the chaos stack finds the loopback; unlike `localhost` it stands for a registry that speaks TLS. */
export const secureHost = 'sick.kedge.test';

/** What a registry shows to whoever connects. */
export type Certificate = 'signed by itself' | 'for another name' | 'right';

/** A registry behind TLS. */
export interface SecureRegistry {
  readonly port: number;
  show(certificate: Certificate): Promise<void>;
  close(): Promise<void>;
}

/** Makes the certificates in `folder`, and an authority in `authority.pem`. */
export async function makeCertificates(folder: string): Promise<void> {
  const make = async (name: string, subject: string, more: readonly string[]) =>
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${subject}`],
      ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`), ...more],
    ]);
  await make('authority', 'the authority of this story', []);
  const signed = ['-CA', join(folder, 'authority.pem'), '-CAkey', join(folder, 'authority.key'), '-addext', 'basicConstraints=CA:FALSE'];
  await make('signed by itself', secureHost, ['-addext', `subjectAltName=DNS:${secureHost}`]);
  await make('for another name', 'other.kedge.test', [...signed, '-addext', 'subjectAltName=DNS:other.kedge.test']);
  await make('right', secureHost, [...signed, '-addext', `subjectAltName=DNS:${secureHost}`]);
}

/** Opens it before the registry that listens on `registryPort` of the loopback. */
export async function openSecureRegistry(registryPort: number, folder: string): Promise<SecureRegistry> {
  const contextOf = async (name: Certificate) => ({
    key: await readFile(join(folder, `${name}.key`)),
    cert: await readFile(join(folder, `${name}.pem`)),
  });
  const server = createServer(await contextOf('signed by itself'), (from, to) => {
    const { method, url, headers } = from;
    const onward = request({ host: '127.0.0.1', port: registryPort, method, path: url, headers }, (reply) => {
      to.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    show: async (certificate) => server.setSecureContext(await contextOf(certificate)),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
