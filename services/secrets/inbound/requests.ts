import { type Bus, serveSealed } from '@kedge/shared/bus';
import {
  type MaskReply,
  MaskRequest,
  type RegistryReply,
  RegistryRequest,
  type RenderReply,
  RenderRequest,
  type ResolveReply,
  ResolveRequest,
} from '@kedge/shared/contracts';
import { errorCode } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Counter } from 'prom-client';

interface RequestPorts {
  readonly bus: Bus;
  readonly log: Logger;
  /** The private half of the key that questions are sealed to. */
  readonly seed: Uint8Array;
  readonly requests: Counter<'subject' | 'outcome'>;
  readonly render: (asked: RenderRequest) => Promise<RenderReply>;
  readonly resolve: (asked: ResolveRequest) => Promise<ResolveReply>;
  readonly mask: (asked: MaskRequest) => Promise<MaskReply>;
  readonly registry: (asked: RegistryRequest) => Promise<RegistryReply>;
}

/** Answers the component's questions, each sealed both ways, and counts how they ended. */
export function serveRequests({ bus, log, seed, requests, render, resolve, mask, registry }: RequestPorts): void {
  function counted<Asked, Reply>(subject: string, answer: (asked: Asked) => Promise<Reply>, outcomeOf: (reply: Reply) => string) {
    return async (asked: Asked): Promise<Reply> => {
      try {
        const reply = await answer(asked);
        const outcome = outcomeOf(reply);
        requests.inc({ subject, outcome });
        log.debug({ subject, outcome }, 'request answered');
        return reply;
      } catch (thrown) {
        const outcome = errorCode(thrown);
        requests.inc({ subject, outcome });
        log.warn({ subject, outcome }, 'request refused');
        throw thrown;
      }
    };
  }

  serveSealed(bus, {
    subject: 'config.render',
    seed,
    question: RenderRequest,
    answer: counted('config.render', render, ({ problems }) => (problems.length === 0 ? 'rendered' : 'problems')),
  });
  serveSealed(bus, {
    subject: 'secrets.resolve',
    seed,
    question: ResolveRequest,
    answer: counted('secrets.resolve', resolve, () => 'resolved'),
  });
  serveSealed(bus, { subject: 'secrets.mask', seed, question: MaskRequest, answer: counted('secrets.mask', mask, () => 'listed') });
  serveSealed(bus, {
    subject: 'secrets.registry',
    seed,
    question: RegistryRequest,
    answer: counted('secrets.registry', registry, ({ credentials }) => (credentials ? 'found' : 'anonymous')),
  });
}
