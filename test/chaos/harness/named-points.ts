import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import { stateFolder } from './chaos-stack.ts';

/** A named point, and how many times a process comes there before it dies. */
export interface Visit {
  readonly point: string;
  readonly times: number;
}

interface Strike extends Visit {
  /** What happens to it there; default SIGKILL. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP';
}

/**
 * Lets the next process of a component that comes to a named point die there, or, with SIGSTOP, stand still; resolves to what waits for
 * that.
 */
export async function strikeAt(
  facts: StackFacts,
  component: Component,
  { point, times, signal = 'SIGKILL' }: Strike,
): Promise<() => Promise<void>> {
  const folder = stateFolder(facts, component);
  const armed = join(folder, 'die-at');
  const deathsBefore = (await linesOf(join(folder, 'died.log'))).length;
  // Renamed into place: half a name is no point.
  await writeFile(`${armed}.new`, `${point} ${times} ${signal}`);
  await rename(`${armed}.new`, armed);
  return async () => {
    try {
      const what = `${component} comes to ${point} (${times})`;
      await waitUntil(async () => (await linesOf(join(folder, 'died.log'))).length > deathsBefore, { timeoutMs: 60_000, what });
    } finally {
      await rm(armed, { force: true });
    }
  };
}

/** Notes the named points that a component comes to while `work` is done, in their order. */
export async function visitsDuring(facts: StackFacts, component: Component, work: () => Promise<void>): Promise<readonly Visit[]> {
  const folder = stateFolder(facts, component);
  await rm(join(folder, 'points.log'), { force: true });
  await writeFile(join(folder, 'record'), '');
  try {
    await work();
  } finally {
    await rm(join(folder, 'record'), { force: true });
  }
  return countVisits(await linesOf(join(folder, 'points.log')));
}

/** The how manieth visit each is. */
function countVisits(points: readonly string[]): readonly Visit[] {
  const seen = new Map<string, number>();
  return points.map((point) => {
    const times = (seen.get(point) ?? 0) + 1;
    seen.set(point, times);
    return { point, times };
  });
}

async function linesOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '';
    throw thrown;
  });
  return text.split('\n').filter((line) => line !== '');
}
