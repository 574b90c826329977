import { DependencyCondition } from './service-spec.ts';

/** Another service that something waits for, and what has to be true of it. */
export interface AwaitedService {
  readonly service: string;
  readonly condition: DependencyCondition;
}

/** How every sentence begins that tells what a service waits for by its `[depends_on]`. */
export function dependencyWords({ service, condition }: AwaitedService): string {
  return `it waits for ${service} (${condition})`;
}

/** What a sentence that begins so tells; null for any other. */
export function readDependencyWords(sentence: string): AwaitedService | null {
  const [, service, word] = /^it waits for (\S+) \((\w+)\)/.exec(sentence) ?? [];
  const condition = DependencyCondition.safeParse(word);
  return service !== undefined && condition.success ? { service, condition: condition.data } : null;
}
