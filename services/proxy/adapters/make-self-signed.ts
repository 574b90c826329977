import { KeyObject, webcrypto } from 'node:crypto';
import { Sealed } from '@kedge/shared/kernel';
import type { Certificate } from '../ports.ts';
import type { CertificatePlan } from '../core/self-signed.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** ECDSA on P-256, for servers only, and no authority. The library is loaded with the first one: a proxy without TLS does not pay for it. */
export async function makeSelfSigned({ names, commonName, notBefore, notAfter }: CertificatePlan): Promise<Certificate> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [commonName] }],
      notBefore,
      notAfter,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    },
    webcrypto,
  );
  const privateKey = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: `${made.toString('pem')}\n`, privateKey: new Sealed(privateKey) };
}
