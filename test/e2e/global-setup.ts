import { type StackFacts, startStack, stopStack } from './harness/stack.ts';

let facts: StackFacts | null = null;

/** Called once by the test runner before the stories: one stack serves them all. */
export async function globalSetup(): Promise<void> {
  facts = await startStack();
}

/** Called once afterwards. KEDGE_E2E_KEEP=1 leaves the stack for a look. */
export async function globalTeardown(): Promise<void> {
  if (facts && process.env.KEDGE_E2E_KEEP !== '1') await stopStack(facts);
}
