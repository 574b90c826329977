import { errorMessage, KedgeError, RetryableError, type Sealed, TerminalError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { maskLines } from './core/mask-lines.ts';
import type { ContainerEngine, OutputMask } from './ports.ts';

type Speaking = Pick<ContainerEngine, 'logs' | 'create' | 'start' | 'givenSecrets'>;

/**
 * The engine as everybody else sees it: what containers printed, and what the engine says when it refuses them (it repeats the command), is
 * masked before it can reach an event, a stored run, a log or an answer. Masked are the secrets that the container was given, whatever the
 * files say by now, and what the secrets component knows: a program may print a part of what it was given. When neither can tell which
 * values are secret, the output is withheld.
 */
export function maskOutput<Engine extends Speaking>(
  engine: Engine,
  { mask, log }: { readonly mask: OutputMask; readonly log: Logger },
): Engine {
  /** What is known first: of a text that a template made of a secret and others, the secret alone is covered where it can be told. */
  async function secretsOf(container: string): Promise<readonly (readonly Sealed[])[]> {
    const [known, given] = await Promise.allSettled([mask.values(), engine.givenSecrets(container)]);
    const ofContainer = given.status === 'fulfilled' ? given.value : null;
    if (known.status === 'fulfilled') return [known.value, ofContainer ?? []];
    // One that was given none can still print none.
    if (ofContainer?.length === 0) return [];
    throw known.reason;
  }

  async function masked(lines: readonly string[], withheld: readonly string[], container: string): Promise<readonly string[]> {
    if (lines.length === 0) return lines;
    try {
      const secrets = await secretsOf(container);
      return secrets.reduce<readonly string[]>(
        (kept, values) =>
          maskLines(
            kept,
            values.map((value) => value.reveal()),
          ),
        lines,
      );
    } catch (thrown) {
      log.warn({ container, reason: errorMessage(thrown) }, 'output withheld');
      return withheld;
    }
  }

  /** The engine's own words are in `details.sentence`, and the message repeats them; an error without them is ours through and through. */
  async function unspoken(thrown: unknown, container: string): Promise<unknown> {
    if (!(thrown instanceof KedgeError) || typeof thrown.details.sentence !== 'string') return thrown;
    const { code, message, details } = thrown;
    const { sentence } = thrown.details;
    const silent = '(the words of the engine are withheld: the secrets component could not tell which values to mask)';
    const [text = silent, words = silent] = await masked([message, sentence], [message.replaceAll(sentence, silent), silent], container);
    // Not the cause: it holds the same words.
    const options = { details: { ...details, sentence: words } };
    if (!(thrown instanceof RetryableError)) return new TerminalError(code, text, options);
    const { retryAfterMs } = thrown;
    return new RetryableError(code, text, { ...options, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  return {
    ...engine,
    async logs(id: string, options: Parameters<ContainerEngine['logs']>[1]) {
      const lines = await engine.logs(id, options);
      return await masked(lines, [`(lines withheld: ${lines.length}; the secrets component could not tell which values to mask)`], id);
    },
    async create(plan: Parameters<ContainerEngine['create']>[0]) {
      try {
        return await engine.create(plan);
      } catch (thrown) {
        throw await unspoken(thrown, plan.name);
      }
    },
    async start(id: string) {
      try {
        await engine.start(id);
      } catch (thrown) {
        throw await unspoken(thrown, id);
      }
    },
  };
}
