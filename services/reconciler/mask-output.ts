import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { maskLines } from './core/mask-lines.ts';
import type { ContainerEngine, OutputMask } from './ports.ts';

/**
 * The engine as everybody else sees it: what containers printed is masked before it can reach an event, a stored run or an answer. When
 * nobody can tell which values are secret, the output is withheld.
 */
export function maskOutput<Engine extends Pick<ContainerEngine, 'logs'>>(
  engine: Engine,
  { mask, log }: { readonly mask: OutputMask; readonly log: Logger },
): Engine {
  return {
    ...engine,
    logs: async (id: string, options: Parameters<ContainerEngine['logs']>[1]) => {
      const lines = await engine.logs(id, options);
      if (lines.length === 0) return lines;
      try {
        const values = await mask.values();
        return maskLines(
          lines,
          values.map((value) => value.reveal()),
        );
      } catch (thrown) {
        log.warn({ container: id, reason: errorMessage(thrown) }, 'output withheld');
        return [`(${lines.length} lines withheld: the secrets component could not tell which values to mask)`];
      }
    },
  };
}
