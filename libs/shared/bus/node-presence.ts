import { type LeaseEntry, NodeName, nodeClaimKey } from '../contracts/index.ts';
import type { Bucket } from './bus.ts';

/** How long an answer is taken for true, in milliseconds: whoever passes thousands of commands on asks once. */
const trustedMs = 5_000;

interface Answer {
  readonly present: Promise<boolean>;
  readonly askedAt: number;
}

/** Whether a reconciler is there for a node; there is none for what is no name of a node. A store that does not answer says nothing against it. */
export type NodePresence = (node: string) => Promise<boolean>;

/** Asks the claims of nodes; `now` is a monotonic clock in milliseconds. */
export function createNodePresence(leases: Pick<Bucket<LeaseEntry>, 'get'>, now: () => number = () => performance.now()): NodePresence {
  const answers = new Map<string, Answer>();

  const ask = async (node: string): Promise<boolean> => {
    const { data: name } = NodeName.safeParse(node);
    try {
      return name !== undefined && (await leases.get(nodeClaimKey(name))) !== null;
    } catch {
      return true;
    }
  };

  return async (node) => {
    for (const [known, { askedAt }] of answers) if (now() - askedAt >= trustedMs) answers.delete(known);
    const answer = answers.get(node) ?? { present: ask(node), askedAt: now() };
    answers.set(node, answer);
    return await answer.present;
  };
}
