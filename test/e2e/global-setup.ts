import { factsVariable, removeLeftovers, type StackFacts, startStack, stopStack } from './harness/stack.ts';

let facts: StackFacts | null = null;

/** Called once by the test runner before the stories: one stack serves them all. A stack that an earlier run kept is used again. */
export async function globalSetup(): Promise<void> {
  if (process.env[factsVariable] !== undefined) return;
  await removeLeftovers();
  facts = await startStack();
}

/** Called once afterwards. KEDGE_E2E_KEEP=1 leaves the stack for a look and says how to use it again. */
export async function globalTeardown(): Promise<void> {
  if (!facts) return;
  if (process.env.KEDGE_E2E_KEEP === '1') process.stderr.write(`export ${factsVariable}='${JSON.stringify(facts)}'\n`);
  else await stopStack(facts);
}
