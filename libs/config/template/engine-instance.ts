import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Environment } from 'minijinja-js';
import { limitMemory } from './limit-memory.ts';

type Minijinja = { readonly Environment: typeof Environment };

/** 64 MB: a configuration of a megabyte needs a fraction. */
const mostPages = 1_024;

/**
 * Reads the template engine, WebAssembly of a megabyte, and gives what makes instances of it. Each has a memory of its own, which is
 * limited: one that ran out of it, or was stopped in the middle of something, is dropped as a whole.
 */
export function readEngine(): () => Minijinja {
  const load = createRequire(import.meta.url);
  // A bundle has it beside itself, with all that it reads.
  const beside = join(import.meta.dirname, 'minijinja_js.js');
  const main = existsSync(beside) ? beside : load.resolve('minijinja-js');
  const folder = dirname(main);
  const module = limitMemory(readFileSync(join(folder, 'minijinja_js_bg.wasm')), mostPages);
  // The package makes one instance for the whole process, of the file as it is. Without the registry nobody frees what lies in a dropped one.
  const start = compileFunction(readFileSync(main, 'utf8'), ['module', 'require', '__dirname', 'FinalizationRegistry'], { filename: main });

  return () => {
    const made: { exports: unknown } = { exports: {} };
    const within = (name: string): unknown => (name === 'fs' ? { readFileSync: () => module } : load(name));
    Reflect.apply(start, undefined, [made, within, folder, undefined]);
    const { exports } = made;
    if (isMinijinja(exports)) return exports;
    throw new TypeError(`${main} is not the template engine; install the packages again`);
  };
}

function isMinijinja(value: unknown): value is Minijinja {
  return typeof value === 'object' && value !== null && 'Environment' in value && typeof value.Environment === 'function';
}
