import { TerminalError } from './errors.ts';

const factors: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/**
 * Bytes of an amount: `268435456`, `512m`, `256mb`, `1.5g`; factors of 1024.
 * @throws {TerminalError} SIZE_INVALID for anything else
 */
export function parseMemoryBytes(text: string, key: 'memory' | 'shm_size' | 'max_body' = 'memory'): number {
  const match = /^(\d+(?:\.\d+)?) *(?:([kmgt])(?:i?b)?|b)?$/.exec(text.trim().toLowerCase());
  const amount = Number(match?.[1]);
  if (!match || amount <= 0) {
    throw new TerminalError('SIZE_INVALID', `${key} = "${text}" is not a size; write it like "512m", "1.5g" or in bytes`, {
      details: { text },
    });
  }
  return Math.round(amount * (factors[match[2] ?? ''] ?? 1));
}

/**
 * Billionths of a processor: `0.5` is 500,000,000.
 * @throws {TerminalError} CPUS_INVALID for anything else
 */
export function parseNanoCpus(text: string): number {
  const amount = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(amount) || amount <= 0) {
    throw new TerminalError('CPUS_INVALID', `cpus = "${text}" is not a number of processors; write it like "0.5" or "2"`, {
      details: { text },
    });
  }
  return Math.round(amount * 1e9);
}
