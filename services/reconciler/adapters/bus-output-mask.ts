import { askSealed, type Bus } from '@kedge/shared/bus';
import { MaskReply } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import type { OutputMask } from '../ports.ts';

/** Asks the secrets component each time: values change with the files they stand in. */
export function createOutputMask({ bus, recipient }: { readonly bus: Bus; readonly recipient: string }): OutputMask {
  return {
    async values() {
      const { values } = await askSealed(bus, { subject: 'secrets.mask', question: {}, answer: MaskReply, recipient, timeoutMs: 3_000 });
      return values.map((value) => new Sealed(value));
    },
  };
}
