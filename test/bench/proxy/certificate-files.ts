import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSelfSigned } from '../../../services/proxy/adapters/make-self-signed.ts';

/** Files of a new certificate of `localhost` and its key, in PEM, that hold for a day. */
export async function certificateFiles(folder: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const [notBefore, notAfter] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)];
  const made = await makeSelfSigned({ names: ['localhost'], commonName: 'localhost', notBefore, notAfter });
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await writeFile(certificate, made.certificate);
  await writeFile(key, made.privateKey.reveal(), { mode: 0o600 });
  return { certificate, key };
}
