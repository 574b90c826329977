import type { ConfigProblem } from '@kedge/shared/contracts';
import type { ListedService, MainConfiguration } from './main-configuration.ts';
import { type NamedFolder, serviceFile, servicePath } from './service-path.ts';
import { asWritten } from './source-place.ts';
import type { TomlFile } from './template-file.ts';
import { pointerText, type TomlPlace } from './toml-places.ts';

interface BrokenMain {
  readonly path: string;
  readonly source: string;
  readonly within: NamedFolder;
  readonly problems: readonly ConfigProblem[];
}

/**
 * The services that a main file names, although it cannot be rendered or is no TOML: so that what is wrong with them is told together
 * with what is wrong with it. Only whole lines count, and only outside of statements, which decide whether anything within them holds.
 */
export function scanMain({ path, source, within, problems }: BrokenMain): MainConfiguration {
  const places = new Map<string, TomlPlace>();
  const folders = new Map<string, ListedService>();
  for (const { value, offset } of literalPaths(source)) {
    const place = servicePath(value, within);
    if (!place.ok || folders.has(place.folder)) continue;
    const index = folders.size;
    folders.set(place.folder, { folder: place.folder, index, shownAs: serviceFile(place.folder) });
    places.set(pointerText(['service', index, 'path']), { key: offset, keyEnd: offset, value: offset, end: offset });
  }
  const file: TomlFile = { path, source, rendered: '', map: asWritten, tainted: [], taints: new Map(), root: {}, places };
  return {
    file,
    main: null,
    part: {},
    folders: [...folders.values()],
    tells: { allServices: false, allNetworks: false },
    problems,
    warnings: [],
  };
}

const line = /^[ \t]*(?:(?<header>\[\[?[^\]\n]*\]\]?)|path[ \t]*=[ \t]*(?<text>"[^"\\\n]*"|'[^'\n]*'))/;
const statement = /\{%[-+]?\s*(?<word>\w+)(?<rest>[^%]*)/g;

/** The values of `path` in the tables `[[service]]`, and where they stand. */
function literalPaths(source: string): { readonly value: string; readonly offset: number }[] {
  const found: { readonly value: string; readonly offset: number }[] = [];
  let depth = 0;
  let header = '';
  let start = 0;
  for (const text of source.split('\n')) {
    const { groups = {} } = line.exec(text) ?? {};
    if (groups.header !== undefined) header = groups.header.replaceAll(/\s/g, '');
    const value = groups.text?.slice(1, -1);
    if (value && header === '[[service]]' && depth === 0 && !/\$\{|\{[%#]/.test(text)) {
      found.push({ value, offset: start + text.indexOf(groups.text ?? '') });
    }
    depth += nesting(text);
    start += text.length + 1;
  }
  return found;
}

/** How many statements begin in a line that have an end, less those that end. */
function nesting(text: string): number {
  return [...text.matchAll(statement)]
    .map(({ groups: { word = '', rest = '' } = {} }) => {
      if (word.startsWith('end')) return -1;
      const isShort = word === 'set' && rest.includes('=');
      return isShort || ['else', 'elif', 'do', 'include', 'import', 'from', 'extends'].includes(word) ? 0 : 1;
    })
    .reduce((sum: number, each) => sum + each, 0);
}
