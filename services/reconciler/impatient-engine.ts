import { RetryableError } from '@kedge/shared/kernel';
import { inTime } from '@kedge/shared/service';
import type { ContainerEngine } from './ports.ts';

/** Whoever asks us waits for 5 s, and shall hear in time that it is the engine that does not answer. */
const usuallyWithinMs = 3_000;

/** The engine for those who answer questions: what only reads gives up early, with ENGINE_UNREACHABLE. */
export function impatient(engine: ContainerEngine, withinMs = usuallyWithinMs): ContainerEngine {
  async function soon<Result>(what: string, work: Promise<Result>): Promise<Result> {
    return await inTime(work, {
      withinMs,
      instead: () => {
        const message = `the container engine was asked to ${what} and did not answer within ${withinMs / 1_000} s`;
        throw new RetryableError('ENGINE_UNREACHABLE', message);
      },
    });
  }

  return {
    ...engine,
    info: async () => await soon('tell about itself', engine.info()),
    apiVersion: async () => await soon('tell its version', engine.apiVersion()),
    list: async (...question) => await soon('list containers', engine.list(...question)),
    inspect: async (id) => await soon('inspect a container', engine.inspect(id)),
    published: async () => await soon('list ports', engine.published()),
    writable: async () => await soon('list mounts', engine.writable()),
    image: async (reference) => await soon('inspect an image', engine.image(reference)),
    networks: async () => await soon('list networks', engine.networks()),
    logs: async (...question) => await soon('read the output of a container', engine.logs(...question)),
  };
}
