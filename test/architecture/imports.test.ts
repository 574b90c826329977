import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Import, importsOf, listImports } from './sources.ts';

/** Where a file stands in the house: `services/watcher` and `core` for `services/watcher/core/x.ts`. */
function roomOf(path: string): { readonly house: string; readonly room: string } {
  const [top = '', name = '', ...rest] = path.split('/');
  if (top !== 'services' && top !== 'libs') return { house: top, room: '' };
  return { house: `${top}/${name}`, room: rest.length > 1 ? (rest[0] ?? '') : (rest[0] ?? '') };
}

const isTest = (path: string) => /\.(test|it|e2e|chaos)\.ts$/.test(path) || path.includes('/testing/');

/** Every rule names what it forbids; each is tried on an offending import below. */
const rules: Readonly<Record<string, (found: Import) => boolean>> = {
  'a component imports another component': ({ file, target, specifier }) => {
    const { house } = roomOf(file);
    if (!house.startsWith('services/')) return false;
    const other = target ? roomOf(target).house : specifier.replace('@kedge/', 'services/');
    return (
      other.startsWith('services/') && other.split('/').slice(0, 2).join('/') !== house && !/^@kedge\/(shared|config)\b/.test(specifier)
    );
  },
  'a library imports a component': ({ file, target, specifier }) =>
    file.startsWith('libs/') &&
    ((target ?? '').startsWith('services/') || /^@kedge\/(watcher|reconciler|scheduler|proxy|secrets)(\/|$)/.test(specifier)),
  'somebody reaches into libs/shared past its doors': ({ file, target, specifier }) =>
    !file.startsWith('libs/shared/') &&
    ((target ?? '').startsWith('libs/shared/') ||
      (specifier.startsWith('@kedge/shared') &&
        !/^@kedge\/shared\/(contracts|kernel|bus|bus\/setup|cron|service|testing)$/.test(specifier))),
  'somebody reaches into libs/config past its doors': ({ file, target, specifier }) =>
    !file.startsWith('libs/config/') &&
    ((target ?? '').startsWith('libs/config/') ||
      (specifier.startsWith('@kedge/config') && !/^@kedge\/config(\/(folder|routes|template|testing))?$/.test(specifier))),
  'the grammar knows how templates are rendered': ({ file, target }) =>
    file.startsWith('libs/config/grammar/') && !isTest(file) && (target ?? '').startsWith('libs/config/template/'),
  'the grammar knows where files lie': ({ file, target }) =>
    file.startsWith('libs/config/grammar/') && !isTest(file) && (target ?? '').startsWith('libs/config/folder/'),
  'contracts depend on anything but the kernel': ({ file, target }) =>
    file.startsWith('libs/shared/contracts/') && target !== null && !/^libs\/shared\/(contracts|kernel)\//.test(target),
  'the kernel depends on a house mate': ({ file, target }) =>
    file.startsWith('libs/shared/kernel/') && target !== null && !target.startsWith('libs/shared/kernel/'),
  'core does more than decide': ({ file, target, specifier }) =>
    /^services\/[^/]+\/core\//.test(file) &&
    !isTest(file) &&
    (target === null
      ? !(/^@kedge\/(shared\/(contracts|kernel|cron)|config(\/template)?)$/.test(specifier) || pureLibraries.has(specifier))
      : !/^services\/[^/]+\/(core\/|ports\.ts$)/.test(target)),
  'an adapter knows a use case': ({ file, target }) =>
    /^services\/[^/]+\/adapters\//.test(file) &&
    !isTest(file) &&
    target !== null &&
    !/^services\/[^/]+\/(adapters|core)\/|\/(ports|config)\.ts$/.test(target),
  'somebody else than main makes an adapter': ({ file, target }) =>
    target !== null &&
    /^services\/[^/]+\/adapters\//.test(target) &&
    !/^services\/[^/]+\/(adapters\/|main\.ts$)/.test(file) &&
    !isTest(file) &&
    !file.startsWith('test/'),
  'product code imports test code': ({ file, target, specifier }) =>
    !isTest(file) &&
    !file.startsWith('test/') &&
    (/^@kedge\/(shared|config)\/testing$/.test(specifier) || /\/testing\/|\.(test|it)\.ts$/.test(target ?? '')),
};

/** Libraries that only compute, so that `core/` may use them. */
const pureLibraries = new Set([
  'zod',
  'croner',
  'smol-toml',
  'node:crypto',
  'node:path',
  'node:path/posix',
  'node:net',
  'node:buffer',
  'node:url',
]);

const offences: Readonly<Record<keyof typeof rules, readonly [file: string, text: string]>> = {
  'a component imports another component': ['services/watcher/main.ts', "import { x } from '../proxy/main.ts';"],
  'a library imports a component': ['libs/cli/main.ts', "import { x } from '@kedge/proxy';"],
  'somebody reaches into libs/shared past its doors': ['services/proxy/main.ts', "import { x } from '../../libs/shared/bus/link.ts';"],
  'the grammar knows how templates are rendered': ['libs/config/grammar/x.ts', "import { x } from '../template/engine.ts';"],
  'the grammar knows where files lie': ['libs/config/grammar/x.ts', "import { x } from '../folder/template-folder.ts';"],
  'somebody reaches into libs/config past its doors': ['services/watcher/main.ts', "import { x } from '@kedge/config/grammar/route.ts';"],
  'contracts depend on anything but the kernel': ['libs/shared/contracts/x.ts', "import { x } from '../bus/bus.ts';"],
  'the kernel depends on a house mate': ['libs/shared/kernel/x.ts', "import { x } from '../contracts/index.ts';"],
  'core does more than decide': ['services/proxy/core/x.ts', "import { readFile } from 'node:fs/promises';"],
  'an adapter knows a use case': ['services/proxy/adapters/x.ts', "import { x } from '../follow-routes.ts';"],
  'somebody else than main makes an adapter': ['services/proxy/follow-routes.ts', "import { x } from './adapters/y.ts';"],
  'product code imports test code': ['services/proxy/main.ts', "import { x } from '@kedge/shared/testing';"],
};

describe('the architecture', async () => {
  const imports = await listImports();

  it('sees the imports at all', () => assert.ok(imports.length > 100));

  for (const [offence, isOffence] of Object.entries(rules)) {
    it(`nowhere ${offence}`, () => {
      assert.deepEqual(
        imports.filter(isOffence).map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`),
        [],
      );
    });

    it(`would notice when ${offence}`, () => {
      const [file, text] = offences[offence] ?? ['', ''];
      assert.equal(importsOf(file, text).filter(isOffence).length, 1);
    });
  }
});
