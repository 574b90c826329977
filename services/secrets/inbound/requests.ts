import { type Bus, serveSealed } from '@kedge/shared/bus';
import {
  type MaskReply,
  MaskRequest,
  type PasswordsReply,
  PasswordsRequest,
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
  readonly passwords: (asked: PasswordsRequest) => Promise<PasswordsReply>;
  readonly mask: (asked: MaskRequest) => Promise<MaskReply>;
  readonly registry: (asked: RegistryRequest) => Promise<RegistryReply>;
}

interface Counted<Asked, Reply> {
  readonly subject: string;
  readonly answer: (asked: Asked) => Promise<Reply>;
  /** What came of it, as a label of the metric. */
  readonly outcomeOf: (reply: Reply) => string;
}

/** Answers the component's questions, each sealed both ways, and counts how they ended. */
export function serveRequests({ bus, log, seed, requests, render, resolve, passwords, mask, registry }: RequestPorts): void {
  function counted<Asked, Reply>({ subject, answer, outcomeOf }: Counted<Asked, Reply>) {
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
    answer: counted({
      subject: 'config.render',
      answer: render,
      outcomeOf: ({ problems }) => (problems.length === 0 ? 'rendered' : 'problems'),
    }),
  });
  serveSealed(bus, {
    subject: 'secrets.resolve',
    seed,
    question: ResolveRequest,
    answer: counted({ subject: 'secrets.resolve', answer: resolve, outcomeOf: () => 'resolved' }),
  });
  serveSealed(bus, {
    subject: 'secrets.passwords',
    seed,
    question: PasswordsRequest,
    answer: counted({ subject: 'secrets.passwords', answer: passwords, outcomeOf: () => 'resolved' }),
  });
  serveSealed(bus, {
    subject: 'secrets.mask',
    seed,
    question: MaskRequest,
    answer: counted({ subject: 'secrets.mask', answer: mask, outcomeOf: () => 'listed' }),
  });
  serveSealed(bus, {
    subject: 'secrets.registry',
    seed,
    question: RegistryRequest,
    answer: counted({
      subject: 'secrets.registry',
      answer: registry,
      outcomeOf: ({ credentials }) => (credentials ? 'found' : 'anonymous'),
    }),
  });
}
