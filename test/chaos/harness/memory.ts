import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { stateFolder } from './chaos-stack.ts';

/** What a process keeps when its garbage is gone, in bytes: `buffers` lie beside its heap. */
export interface Weight {
  readonly heap: number;
  readonly buffers: number;
}

/** Of the only instance of a component. */
export async function weightOf(facts: StackFacts, component: Component): Promise<Weight> {
  const folder = stateFolder(facts, component);
  const weight = join(folder, 'weight');
  await rm(weight, { force: true });
  await writeFile(join(folder, 'weigh'), '');
  const text = await waitUntil(async () => await readFile(weight, 'utf8'), { timeoutMs: 60_000, what: `${component} is weighed` });
  return JSON.parse(text);
}
