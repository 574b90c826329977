import { type ConfigurationFolder, createReadConfiguration, type Renderer, type Verdict } from '@kedge/config';
import { createTemplateFolder } from '@kedge/config/folder';
import { createRenderOffline, fingerprintKey, loadEngine } from '@kedge/config/template';
import { plainTaint, renderPlain } from '@kedge/config/testing';
import { type Files, variablesOf } from './examples.ts';

/** One for all folders, as a component has one for all questions. */
const engine = await loadEngine();
const key = fingerprintKey(new Uint8Array(32));

/** A renderer of files that are not on disk: plain `${name}`, and env files with a name per line. */
export function plainRenderer(files: Files, variables = variablesOf(files)): Renderer {
  return {
    async render(templates, envFiles) {
      return {
        variables: JSON.stringify(variables),
        files: templates.map(({ path, text }) => ({ path, ...renderPlain(text, variables), tainted: plainTaint(variables, path, text) })),
        ...(envFiles && { envFiles: envFiles.map((path) => ({ path, variables: namesIn(path, files[path]) })) }),
        problems: [],
      };
    },
  };
}

function namesIn(path: string, text: string | undefined) {
  if (text === undefined) return null;
  const names = [...text.matchAll(/^(\w+)=/gm)].map(([, name = '']) => name);
  return names.map((name) => ({ name, secret: { ref: `${path}#${name}`, fingerprint: 'k:1' } }));
}

/** The renderer itself, over files that are not on disk. */
export function offlineRenderer(files: Files): Renderer {
  const text = (path: string) => (files[path] === undefined ? null : { path, text: files[path] });
  const render = createRenderOffline({
    folder: {
      readVariableFiles: async () =>
        Object.keys(files)
          .filter((path) => path.endsWith('dispenser.vars'))
          .map((path) => ({ path, text: files[path] ?? '' })),
      read: async (path) => text(path),
      readEnvFile: async (path) => text(path),
    },
    key,
    engine,
  });
  return { render: async (asked, envFiles = []) => await render({ files: [...asked], envFiles: [...envFiles] }) };
}

/** The renderer itself, over a folder on disk. */
export function rendererOnDisk(path: string): Renderer {
  const render = createRenderOffline({ folder: createTemplateFolder(path), key, engine });
  return { render: async (files, envFiles = []) => await render({ files: [...files], envFiles: [...envFiles] }) };
}

/** The verdict on files that are not on disk. */
export async function readInMemory(files: Files, variables = variablesOf(files)): Promise<Verdict> {
  return await verdictOfFiles(files, plainRenderer(files, variables));
}

/** The same, with the renderer of one's choice. */
export async function verdictOfFiles(files: Files, renderer: Renderer): Promise<Verdict> {
  const folder: ConfigurationFolder = {
    path: '/config',
    name: './deploy',
    async look(folders) {
      const entry = 'kedge.toml' in files ? 'kedge.toml' : 'dispenser.toml';
      const services = folders.map((each) => {
        const text = files[each === '.' ? 'service.toml' : `${each}/service.toml`];
        return [each, text === undefined ? { kind: 'unreadable' as const, reason: 'does not exist' } : { kind: 'text' as const, text }];
      });
      return { kind: 'read', entry, text: files[entry] ?? '', services: Object.fromEntries(services), variables: '' };
    },
    doubt: () => undefined,
    variablesText: async (path) => files[path] ?? null,
  };
  return await verdictOn(folder, renderer);
}

/** Looks until the look was at what the main file names. */
export async function verdictOn(folder: ConfigurationFolder, renderer: Renderer): Promise<Verdict> {
  const read = createReadConfiguration({ folder, renderer, proxyPort: 80 });
  const verdict = await read(await folder.look([]));
  return verdict.kind === 'look-again' ? await read(await folder.look(verdict.folders)) : verdict;
}
