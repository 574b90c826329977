import { parseImageReference } from '@kedge/shared/contracts';
import { RetryableError, wait } from '@kedge/shared/kernel';
import type { Making } from './make-container.ts';
import type { ContainerEngine, SecretSource } from './ports.ts';

interface PullerPorts {
  readonly engine: ContainerEngine;
  readonly secrets: SecretSource;
  /** Pulls that run at the same time. */
  readonly atOnce: number;
}

/** Pulls that outlast a pass: nobody else has to wait for a large image. */
export interface ImagePuller {
  /** Begins the pull or joins the one under way, and waits for a moment. Rejects with what the pull ended with. */
  pull(image: Pick<Making, 'spec' | 'digest' | 'source'>): Promise<'done' | 'running'>;
}

const momentMs = 1_000;

/** One pull for an image, however many services wait for it. */
export function createImagePuller({ engine, secrets, atOnce }: PullerPorts): ImagePuller {
  const underWay = new Map<string, Promise<'done'>>();
  const queue: (() => void)[] = [];
  let running = 0;

  async function inTurn(work: () => Promise<void>): Promise<'done'> {
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
    try {
      await work();
      return 'done';
    } finally {
      running -= 1;
      queue.shift()?.();
    }
  }

  return {
    async pull({ spec, digest, source }) {
      const reference = spec.service.image;
      if (source === 'local') {
        throw new RetryableError(
          'IMAGE_GONE',
          `the engine has no image ${reference} any more, and no registry knows it; build or load it again`,
          {
            details: { reference },
          },
        );
      }
      const key = `${reference}@${digest}`;
      const pulling =
        underWay.get(key) ??
        inTurn(async () => {
          const credentials = await secrets.registryCredentials(parseImageReference(reference).registry);
          await engine.pull({ reference, digest, credentials });
        });
      underWay.set(key, pulling);
      const moment = new AbortController();
      try {
        const ended = await Promise.race([pulling, wait(momentMs, moment.signal).then(() => 'running' as const)]);
        if (ended === 'done') underWay.delete(key);
        // Whoever asks next learns how it ended; until then a failure waits here and bothers nobody.
        else pulling.catch(() => undefined);
        return ended;
      } catch (thrown) {
        underWay.delete(key);
        throw thrown;
      } finally {
        moment.abort();
      }
    },
  };
}
