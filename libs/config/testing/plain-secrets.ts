import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, serveSealed } from '@kedge/shared/bus';
import { type RegistryReply, RegistryRequest, type RenderReply, RenderRequest, type TaintedLeaf } from '@kedge/shared/contracts';
import { parse } from 'smol-toml';

/** What the stand-in for the secrets component knows. Tests change it while it runs. */
export interface PlainSecrets {
  variables: Readonly<Record<string, string>>;
  /** Part of every fingerprint, as the name of a key would be. */
  keyId: string;
  origin: TaintedLeaf['origin'];
  credentials: RegistryReply['credentials'];
  problems: RenderReply['problems'];
}

/** Answers what the watcher asks of secrets, on a connection of that identity, with plain `${name}` and nothing else. */
export async function servePlainSecrets(bus: Bus, keysFolder: string, known: PlainSecrets = knowsNothing()): Promise<PlainSecrets> {
  const seed = new TextEncoder().encode((await readFile(join(keysFolder, 'curve.seed'), 'utf8')).trim());
  serveSealed(bus, { subject: 'config.render', seed, question: RenderRequest, answer: async ({ files }) => renderAll(known, files) });
  serveSealed(bus, {
    subject: 'secrets.registry',
    seed,
    question: RegistryRequest,
    answer: async () => ({ credentials: known.credentials }),
  });
  return known;
}

function knowsNothing(): PlainSecrets {
  return { variables: {}, keyId: 'key1', origin: 'vars', credentials: null, problems: [] };
}

function renderAll(secrets: PlainSecrets, files: RenderRequest['files']): RenderReply {
  return {
    variables: `${secrets.keyId}:${hash(secrets.keyId + JSON.stringify(secrets.variables))}`,
    files: files.map(({ path, text }) => ({ path, ...renderPlain(text, secrets.variables), tainted: taintOf(secrets, path, text) })),
    problems: secrets.problems,
  };
}

/** Fills in `${name}`, with the map of offsets that the contract asks for. */
export function renderPlain(
  source: string,
  variables: Readonly<Record<string, string>>,
): { readonly text: string; readonly map: [number, number][] } {
  const map: [number, number][] = [[0, 0]];
  let text = '';
  let at = 0;
  for (const { index, 0: whole, 1: name = '' } of source.matchAll(/\$\{\s*(\w+)\s*\}/g)) {
    text += source.slice(at, index);
    map.push([text.length, index]);
    text += variables[name] ?? whole;
    at = index + whole.length;
    map.push([text.length, at]);
  }
  return { text: text + source.slice(at), map };
}

/** The places of a file whose values these variables decide, as `servePlainSecrets` tells them. */
export function plainTaint(variables: PlainSecrets['variables'], path: string, source: string): TaintedLeaf[] {
  return taintOf({ ...knowsNothing(), variables }, path, source);
}

function taintOf({ variables, keyId, origin }: PlainSecrets, path: string, source: string): TaintedLeaf[] {
  const others = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, /^\d+$/.test(value) ? `${Number(value) + 1}` : `${value}x`]),
  );
  const leaves = leavesOf(renderPlain(source, variables).text);
  const changed = new Map(leavesOf(renderPlain(source, others).text).map(({ pointer, value }) => [JSON.stringify(pointer), value]));
  return leaves
    .filter(({ pointer, value }) => changed.get(JSON.stringify(pointer)) !== value)
    .map(({ pointer, value }) => {
      const ref = `${path}#/${pointer.join('/')}`;
      return { pointer, origin, secret: { ref, fingerprint: `${keyId}:${hash(keyId + ref + value)}` } };
    });
}

interface Leaf {
  readonly pointer: (string | number)[];
  readonly value: string;
}

function leavesOf(text: string): Leaf[] {
  try {
    return walk(parse(text), []);
  } catch {
    return []; // not TOML: the watcher says so
  }
}

function walk(value: unknown, pointer: (string | number)[]): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...pointer, index]));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, each]) => walk(each, [...pointer, key]));
  return [{ pointer, value: String(value) }];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
