import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askSealed, type Bus } from '@kedge/shared/bus';
import { PasswordsReply } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import type { PasswordHashes } from '../ports.ts';

/** Asks the secrets component over the bus, sealed both ways. Its key is read each time: it may come later than this process. */
export function createPasswordHashes(bus: Bus, keysFolder: string): PasswordHashes {
  return {
    async find(secrets) {
      const recipient = (await readFile(join(keysFolder, 'secrets.pub'), 'utf8')).trim();
      const { values } = await askSealed(bus, { subject: 'secrets.passwords', question: { secrets }, answer: PasswordsReply, recipient });
      return new Map(Object.entries(values).map(([ref, value]) => [ref, new Sealed(value)]));
    },
  };
}
