import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import { type CloudEvent, type CommandSubject, type DataOf, eventStream, type NodeName, subjects } from '../contracts/index.ts';
import { type Closable, errorMessage, inLogContext, TerminalError, wait } from '../kernel/index.ts';
import { leaveToOthers } from './addressee.ts';
import type { Handled } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeCommand } from './codec.ts';
import { comesAgainAfterMs } from './comes-again.ts';
import { createFailureCounts } from './failure-counts.ts';
import type { Link } from './link.ts';
import type { NodePresence } from './node-presence.ts';

interface CommandOptions {
  readonly link: () => Promise<Link>;
  readonly durable: string;
  readonly node: NodeName;
  readonly isPresent: NodePresence;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  /** Aborted when the bus closes: the reading ends with it. */
  readonly signal: AbortSignal;
  readonly handle: (command: { readonly subject: CommandSubject; readonly event: CloudEvent<DataOf<CommandSubject>> }) => Promise<Handled>;
}

/** How long one question for the next command waits, in milliseconds: the least that the client allows, because closing waits for its end. */
const askEveryMs = 1_000;

/**
 * Takes commands one after another from a durable pull consumer; each is acknowledged after its effect is stored. Each is asked for by
 * itself: between two accounts the server takes an empty message for the end of an answer, and what else it had sent would be lost until
 * it is delivered again.
 */
export function consumeCommands({ link, durable, node, isPresent, metrics, log, signal, handle }: CommandOptions): Closable {
  const closing = new AbortController();
  const failures = createFailureCounts();

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await takeAll(await (await link()).jetstream.consumers.get(eventStream, durable));
      } catch (thrown) {
        if (!closing.signal.aborted) log.warn({ durable, reason: errorMessage(thrown) }, 'commands cannot be read, trying again');
      }
      await wait(1_000, closing.signal);
    }
  }

  async function takeAll(consumer: Consumer): Promise<void> {
    while (!closing.signal.aborted) {
      const message = await consumer.next({ expires: askEveryMs });
      if (message) await take(message);
    }
  }

  async function take(message: JsMsg): Promise<void> {
    const subject = message.subject;
    const parsed = isCommand(subject)
      ? decodeCommand(subject, message.data, { id: `${subject}/${message.seq}`, time: message.time, node })
      : ({ ok: false, reason: 'unknown subject' } as const);
    if (!parsed.ok) return reject(message, parsed.reason);
    const left = await leftToOthers(message, parsed.value.kedgenode);
    const { id: event, correlationid, subject: service } = parsed.value;
    const outcome = left ?? (await inLogContext({ event, correlationid, service }, () => handled(message, parsed.value)));
    const facts = { subject, event: parsed.value.id, correlationid: parsed.value.correlationid, outcome: outcome.kind };
    if (!left) log.info(facts, 'command taken');
    else log[message.redelivered ? 'debug' : 'info']({ ...facts, node: parsed.value.kedgenode }, 'command of another node');
    switch (outcome.kind) {
      case 'done': {
        await message.ackAck();
        return;
      }
      case 'later':
        return message.nak(outcome.afterMs);
      case 'rejected':
        return reject(message, outcome.reason);
      default:
        return outcome satisfies never;
    }
  }

  async function leftToOthers(message: JsMsg, of: string): Promise<ReturnType<typeof leaveToOthers>> {
    const present = of === node || (await isPresent(of));
    return leaveToOthers({ of, by: node, present, ageMs: Date.now() - message.time.getTime(), random: Math.random() });
  }

  async function handled(message: JsMsg, event: CloudEvent<DataOf<CommandSubject>>): Promise<Handled> {
    const subject = message.subject as CommandSubject;
    try {
      const outcome = await handle({ subject, event }).catch(refused);
      failures.forget(message.seq);
      return outcome;
    } catch (thrown) {
      log.error({ subject, event: event.id, reason: errorMessage(thrown) }, 'command failed, it comes again');
      // Not its deliveries: it may have been offered to other nodes, or been put off, any number of times.
      return { kind: 'later', afterMs: comesAgainAfterMs(failures.failed(message.seq), Math.random()) };
    }
  }

  /** Terminated: the server never delivers it again. */
  function reject(message: JsMsg, reason: string): void {
    metrics.rejected.inc({ subject: message.subject });
    log.warn({ subject: message.subject, sequence: message.seq, reason }, 'command rejected');
    message.term(reason.slice(0, 200));
  }

  const stop = () => closing.abort();
  signal.addEventListener('abort', stop, { once: true });
  const ended = run();
  return {
    async close() {
      stop();
      await ended;
    },
  };
}

/** Trying again cannot help. */
function refused(thrown: unknown): Handled {
  if (thrown instanceof TerminalError) return { kind: 'rejected', reason: errorMessage(thrown) };
  throw thrown;
}

function isCommand(subject: string): subject is CommandSubject {
  return subject in subjects && subjects[subject as keyof typeof subjects].kind === 'command';
}
