import { ServiceName } from '@kedge/shared/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from './cli.ts';
import { type ConfigPlace, placeNamedBy } from './config-place.ts';

interface Named {
  readonly program: Command;
  readonly cli: Pick<Cli, 'configPlace'>;
  /** By the command's own argument. */
  readonly named?: string | undefined;
}

/** The configuration that a command is about: what it names itself, else `--config`, else what the stack reads. */
export async function choosePlace({ program, cli: { configPlace }, named }: Named): Promise<ConfigPlace> {
  const path = named ?? program.opts<{ config?: string }>().config;
  return path === undefined ? configPlace : await placeNamedBy(path);
}

/** Reads the path of a configuration. An option in its place, or a variable of the shell that is empty, is none. */
export function parsePath(text: string): string {
  if (text !== '' && !text.startsWith('-')) return text;
  throw new InvalidArgumentError('it must be the path of a folder or of its main file; one that begins with "-" is written "./-…"');
}

/** Reads an argument that names a service. */
export function parseService(text: string): ServiceName {
  const parsed = ServiceName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'not a service name');
}

/** Reads an argument that is a whole number of at least 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a whole number, at least 1');
}
