import { factsVariable, removeLeftovers, type StackFacts, startStack, stopStack } from '../e2e/harness/stack.ts';
import { chaosStack } from './harness/chaos-stack.ts';

let facts: StackFacts | null = null;

/** Called once by the test runner before the stories that destroy things: they get a stack of their own, and run one after another. */
export async function globalSetup(): Promise<void> {
  if (process.env[factsVariable] !== undefined) return;
  await removeLeftovers(chaosStack);
  facts = await startStack(chaosStack);
}

/** Called once afterwards. KEDGE_E2E_KEEP=1 leaves the stack for a look and says how to use it again. */
export async function globalTeardown(): Promise<void> {
  if (!facts) return;
  if (process.env.KEDGE_E2E_KEEP === '1') process.stderr.write(`export ${factsVariable}='${JSON.stringify(facts)}'\n`);
  else await stopStack(facts);
}
