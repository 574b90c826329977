import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { stateFolder } from './chaos-stack.ts';

/** How many bytes the only instance of a component keeps when its garbage is gone. */
export async function weightOf(facts: StackFacts, component: Component): Promise<number> {
  const folder = stateFolder(facts, component);
  const weight = join(folder, 'weight');
  await rm(weight, { force: true });
  await writeFile(join(folder, 'weigh'), '');
  const text = await waitUntil(async () => await readFile(weight, 'utf8'), { timeoutMs: 60_000, what: `${component} is weighed` });
  return Number(text);
}
