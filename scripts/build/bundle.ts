/**
 * Makes what the images carry: one folder per component with `main.js`, the health check, and beside them what is only
 * loaded when it is needed.
 * Plain JavaScript, because stripping types costs each process about 18 MB and 70 ms; not minified, so that stack traces can be read.
 * Usage: node scripts/build/bundle.ts OUT_FOLDER
 */
import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const entries: Readonly<Record<string, string>> = {
  watcher: 'services/watcher/main.ts',
  reconciler: 'services/reconciler/main.ts',
  scheduler: 'services/scheduler/main.ts',
  proxy: 'services/proxy/main.ts',
  secrets: 'services/secrets/main.ts',
  cli: 'libs/cli/main.ts',
};

/** Loaded from beside the bundle by whoever renders templates: an instance that broke is replaced by another. */
const templateEngine = dirname(createRequire(import.meta.url).resolve('minijinja-js'));
const engineFiles = ['minijinja_js.js', 'minijinja_js_bg.wasm'];
const rendering = new Set(['secrets', 'cli']);

/** What runs in threads of its own. */
const threads: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  proxy: { 'bcrypt-worker': 'services/proxy/adapters/bcrypt-worker.ts' },
};

const absentPackages = ['ssh2', '@grpc/grpc-js', '@grpc/proto-loader'];
const absent = join(import.meta.dirname, 'absent-package.ts');

/** Packages that are still CommonJS expect these names. */
const commonJsNames = [
  "import { createRequire as kedgeCreateRequire } from 'node:module';",
  'const require = kedgeCreateRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

const out = process.argv[2];
if (!out) throw new Error('say where to: node scripts/build/bundle.ts OUT_FOLDER');
try {
  await Promise.all(Object.entries(entries).map(async ([name, entry]) => await bundle(entry, join(out, name))));
} catch (thrown) {
  // esbuild has already said where; its stack would hide that.
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exit(1);
}

async function bundle(entry: string, folder: string): Promise<void> {
  const name = basename(folder);
  await build({
    entryPoints: { main: entry, healthcheck: 'scripts/build/healthcheck.ts', ...threads[name] },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    // What is imported late costs nothing before.
    splitting: true,
    legalComments: 'none',
    banner: { js: commonJsNames },
    alias: Object.fromEntries(absentPackages.map((name) => [name, absent])),
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  if (!rendering.has(basename(folder))) return;
  await Promise.all(engineFiles.map(async (name) => await copyFile(join(templateEngine, name), join(folder, name))));
}
