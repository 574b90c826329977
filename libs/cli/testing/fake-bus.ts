import type { Bus } from '@kedge/shared/bus';
import type {
  CloudEvent,
  CommandSubject,
  DataOf,
  EventContext,
  EventSubject,
  Identity,
  ReplyOf,
  RequestSubject,
  Subject,
} from '@kedge/shared/contracts';
import { subjects } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { CliBus } from '../connect.ts';
import { noon } from './recording-terminal.ts';

type Answers = { readonly [Name in RequestSubject]?: (data: DataOf<Name>) => ReplyOf<Name> };

interface Said {
  readonly subject: EventSubject | CommandSubject;
  readonly data: unknown;
  readonly options: (EventContext & { readonly id?: string; readonly service?: string }) | undefined;
}

/** A bus in memory: answers requests from a table, keeps what was published, and lets a test say events. */
export interface FakeBus extends CliBus {
  readonly said: readonly Said[];
  readonly asked: readonly { readonly subject: RequestSubject; readonly data: unknown }[];
  readonly isClosed: () => boolean;
  /** Says an event, with an id of its own, to whoever follows its subject now; `recent` finds it afterwards. */
  say<Name extends EventSubject>(subject: Name, data: DataOf<Name>, service?: string): void;
  /** The connection is lost. */
  disconnect(): void;
  /** It is there again. */
  reconnect(): void;
}

interface FakeBusOptions {
  readonly identity?: Identity;
  readonly onPublish?: (said: Said) => void;
  /** Runs before and after `recent` looks at what was said: what happens at the same time. */
  readonly aroundRecent?: (moment: 'before' | 'after') => void;
  /** The time at which events are said. Default noon. */
  readonly now?: () => Date;
  /** Which questions nobody answers: of that subject, the `asked`-th one, counted from 1. Default: those that have no answer. */
  readonly lost?: (subject: RequestSubject, asked: number) => boolean;
}

/** Questions without an answer in the table are not answered, like those to a component that is away. Data is checked against the catalogue. */
export function createFakeBus(
  answers: Answers = {},
  { identity = 'cli', onPublish, aroundRecent, now = () => noon, lost = () => false }: FakeBusOptions = {},
): FakeBus {
  const said: Said[] = [];
  const asked: { subject: RequestSubject; data: unknown }[] = [];
  const followers = new Set<{ readonly subjects: readonly Subject[]; readonly listener: (event: CloudEvent) => void }>();
  const stored: { readonly subject: Subject; readonly event: CloudEvent }[] = [];
  const reconnected: (() => void)[] = [];
  let closed = false;
  let connected = true;

  async function request<Name extends RequestSubject>(subject: Name, data: DataOf<Name>): Promise<ReplyOf<Name>> {
    subjects[subject].data.parse(data);
    asked.push({ subject, data });
    const answer: ((data: DataOf<Name>) => ReplyOf<Name>) | undefined = answers[subject];
    const isLost = lost(subject, asked.filter((each) => each.subject === subject).length);
    if (!answer || isLost)
      throw new RetryableError('REQUEST_UNANSWERED', `${subjects[subject].owner} did not answer ${subject}: no responders`);
    const reply = answer(data);
    subjects[subject].reply.parse(reply);
    return reply;
  }

  const publish: Bus['publish'] = async (subject, data, options) => {
    subjects[subject].data.parse(data);
    said.push({ subject, data, options });
    onPublish?.({ subject, data, options });
  };

  return {
    identity,
    said,
    asked,
    isClosed: () => closed,
    request,
    publish,
    follow(names, listener) {
      const follower = { subjects: names, listener };
      followers.add(follower);
      return {
        async close() {
          followers.delete(follower);
        },
      };
    },
    async recent({ since, subjects: names }) {
      aroundRecent?.('before');
      const found = stored.filter(({ subject, event }) => names.includes(subject) && Date.parse(event.time) >= since.getTime());
      aroundRecent?.('after');
      return found.map(({ event }) => event);
    },
    onReconnect: (listener) => void reconnected.push(listener),
    isConnected: () => connected,
    disconnect() {
      connected = false;
    },
    reconnect() {
      connected = true;
      for (const listener of reconnected) listener();
    },
    say(subject, data, service) {
      subjects[subject].data.parse(data);
      const event = {
        specversion: '1.0' as const,
        id: `${subject}/${stored.length}`,
        source: 'test/1',
        type: `${subject}.v1`,
        time: now().toISOString(),
        kedgenode: 'local',
        ...(service === undefined ? {} : { subject: service }),
        data,
      };
      stored.push({ subject, event });
      for (const follower of followers) if (follower.subjects.includes(subject)) follower.listener(event);
    },
    async close() {
      closed = true;
    },
  };
}
