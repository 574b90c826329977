import type { RenderProblem, RenderReply, RenderRequest } from '@kedge/shared/contracts';
import { canonicalJson } from '@kedge/shared/kernel';
import { isEnvFileName } from './env-file-name.ts';
import type { TemplateFolder } from './ports.ts';
import { mostOfAnswer, sizeOf, tooLarge } from './template/answer-size.ts';
import { type Engine, loadEngine, mostAnswerMs } from './template/engine.ts';
import { parseEnvFile } from './template/env-file.ts';
import { type FingerprintKey, fingerprint } from './template/fingerprint.ts';
import { readVariables } from './template/read-variables.ts';
import { fingerprintOf, type RenderedFile, renderFile } from './template/render-file.ts';
import { formatPlace } from './template/secret-place.ts';
import type { SecretSource } from './template/secret-source.ts';
import type { SecretStore } from './template/secret-store.ts';
import type { Variables } from './template/variable-document.ts';
import { cannotBeRead } from './unreadable-text.ts';

interface RenderPorts {
  readonly folder: TemplateFolder;
  readonly key: FingerprintKey;
  /** Loaded at the first question when it is not given. */
  readonly engine?: Engine;
  /** Null, or not given: a file that needs a value from a secret source is a problem. */
  readonly store?: SecretStore | null;
}

/** A place where a variable is used whose value only a secret source could tell. */
export interface NotChecked extends RenderProblem {
  readonly variable: string;
  readonly source: SecretSource;
}

interface ReadEnvFile {
  readonly file: NonNullable<RenderReply['envFiles']>[number];
  readonly problems: readonly RenderProblem[];
}

/** What offline use gets to know beside the answer: these values were not asked for, something harmless stands in their place. */
export interface OfflineReply extends RenderReply {
  readonly notChecked: readonly NotChecked[];
}

/** Makes the answer to `config.render`: every file with its variables put in, and what depends on them by fingerprint only. */
export function createRenderConfiguration(ports: RenderPorts) {
  const renderAll = createRenderAll(ports, 'ask');
  return async function renderConfiguration(asked: RenderRequest): Promise<RenderReply> {
    const { notChecked: _none, ...reply } = await renderAll(asked);
    return reply;
  };
}

/** The same for whoever only wants to know what is wrong: no secret source is asked, and what only one could tell is listed. */
export function createRenderOffline(ports: RenderPorts): (asked: RenderRequest) => Promise<OfflineReply> {
  return createRenderAll(ports, 'skip');
}

function createRenderAll({ folder, key, engine: given, store = null }: RenderPorts, sources: 'ask' | 'skip') {
  let loaded: Promise<Engine> | null = given ? Promise.resolve(given) : null;

  return async function renderAll({ files, envFiles }: RenderRequest): Promise<OfflineReply> {
    loaded ??= loadEngine();
    const engine = (await loaded).within(mostAnswerMs);
    const variables = await readVariables({ engine, folder, store: sources === 'ask' ? store : null });
    const rendered = files.map(({ path, text }) => carried(renderFile(engine, { path, text, variables, key, sources }), text));
    const environment = envFiles && (await Promise.all(envFiles.map(async (path) => carriedEnv(await readEnvFile(path)))));
    return {
      variables: fingerprint(key, { place: 'variables', json: canonicalJson(stateOf(variables)) }),
      files: rendered.map(({ file }) => file),
      ...(environment ? { envFiles: environment.map(({ file }) => file) } : {}),
      problems: [
        ...variables.problems,
        ...rendered.flatMap(({ problems }) => problems),
        ...(environment ?? []).flatMap(({ problems }) => problems),
      ],
      ...(variables.warnings.length > 0 ? { warnings: [...variables.warnings] } : {}),
      notChecked: rendered.flatMap(({ file, notChecked }) =>
        notChecked.flatMap(({ name, offset }): NotChecked[] => {
          const source = variables.unresolved.get(name);
          const message = `the value of the variable "${name}" lies in a secret source, which was not asked`;
          return source ? [{ path: file.path, offset, message, variable: name, source }] : [];
        }),
      ),
    };
  };

  async function readEnvFile(path: string): Promise<ReadEnvFile> {
    if (!isEnvFileName(path)) {
      return { file: { path, variables: [] }, problems: [{ path, offset: 0, message: 'is no env file by its name; give it another one' }] };
    }
    const file = await folder.readEnvFile(path);
    if (!file) return { file: { path, variables: null }, problems: [] };
    if (file.text === null) {
      return {
        file: { path, variables: [] },
        problems: [{ path, offset: 0, message: cannotBeRead(file.trouble) }],
      };
    }
    const { variables, problems } = parseEnvFile(file.text);
    const named = [...variables].map(([name, value]) => {
      const ref = formatPlace(path, [name]);
      return { name, secret: { ref, fingerprint: fingerprintOf(key, { ref, value }) } };
    });
    return { file: { path, variables: named }, problems: problems.map((problem) => ({ path, ...problem })) };
  }
}

/** A file whose answer no message carries is a problem, also for whoever asks without a bus. */
function carried(rendered: RenderedFile, text: string): RenderedFile {
  const size = sizeOf(rendered.file);
  if (size <= mostOfAnswer) return rendered;
  const { path } = rendered.file;
  const problem = { path, offset: 0, message: tooLarge(size) };
  return { ...rendered, file: { path, text, map: [[0, 0]], tainted: [] }, problems: [...rendered.problems, problem] };
}

function carriedEnv(read: ReadEnvFile): ReadEnvFile {
  const size = sizeOf(read.file);
  if (size <= mostOfAnswer) return read;
  const { path } = read.file;
  return { file: { path, variables: [] }, problems: [...read.problems, { path, offset: 0, message: tooLarge(size) }] };
}

/** What the files to render depend on: values, and of those that are not here where they lie. */
function stateOf({ values, unresolved }: Variables): unknown {
  const known = [...values].filter(([name]) => !unresolved.has(name)).toSorted(byName);
  return unresolved.size === 0 ? known : [known, [...unresolved].map(([name, source]) => [name, { ...source }]).toSorted()];
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1;
}
