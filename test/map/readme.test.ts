import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { listFiles, root } from '../architecture/sources.ts';

/** Words that look like a path of the repository when they stand in code marks of a README. */
const looksLikePath = /^(?:\.\/)?(?:[\w.@-]+\/)+[\w.@-]*$|^[\w-]+\.(?:ts|sh|yml|yaml|md|json|toml)$/;
/** Paths that a README names but that only exist once Kedge runs or at the reader's place. */
const elsewhere =
  /^(?:\.kedge|node_modules|dist|web|app|api)\/|^\/|^~|^\$|^localhost|^(?:kedge|dispenser|service)\.toml$|^config\.json$|\.vars$|^kedge\/|^library\/|^linux\/|^(?:image|text|application)\//;

interface Mention {
  readonly readme: string;
  readonly text: string;
}

async function codeMentions(): Promise<readonly Mention[]> {
  const readmes = await listFiles(/(^|\/)(README|CONTRIBUTING)\.md$/);
  const all = await Promise.all(
    readmes.map(async (readme) => {
      const text = await readFile(join(root, readme), 'utf8');
      const inline = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      return [...inline, ...links].map((mention) => ({ readme, text: mention }));
    }),
  );
  return all.flat();
}

async function exists(path: string): Promise<boolean> {
  return await access(join(root, path)).then(
    () => true,
    () => false,
  );
}

describe('the map', async () => {
  const mentions = await codeMentions();
  const paths = mentions.filter(({ text }) => looksLikePath.test(text) && !elsewhere.test(text) && !text.includes('@'));

  it('finds paths to check', () => assert.ok(paths.length > 20));

  it('names only paths that exist', async () => {
    const missing: string[] = [];
    for (const { readme, text } of paths) {
      const beside = normalize(join(dirname(readme), text));
      // The rooms of the floor plan are named without a component: every component has them.
      const inEach = join('services/watcher', text);
      if (!(await exists(text)) && !(await exists(beside)) && !(await exists(inEach))) missing.push(`${readme}: ${text}`);
    }
    assert.deepEqual(missing, []);
  });

  it('names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const readmes = await listFiles(/(^|\/)(README|CONTRIBUTING)\.md$/);
    const named = new Set<string>();
    for (const readme of readmes) {
      const text = await readFile(join(root, readme), 'utf8');
      for (const match of text.matchAll(/npm (?:run )?(start|stop|test(?::\w+)?|check|format)\b/g)) named.add(match[1] ?? '');
    }
    assert.ok(named.has('start') && named.has('test'));
    for (const name of named) assert.ok(name in scripts, `npm run ${name}`);
  });

  it('names only commands of kedge that exist', async () => {
    const sources = await Promise.all((await listFiles(/^libs\/cli\/.*\.ts$/)).map((file) => readFile(join(root, file), 'utf8')));
    const known = new Set(sources.flatMap((text) => [...text.matchAll(/\.command\('([a-z-]+)/g)].map((match) => match[1] ?? '')));
    const used = mentions.flatMap(({ readme, text }) =>
      [...text.matchAll(/(?:^|\s)kedge ([a-z]+)\b/g)].map((match) => ({ readme, command: match[1] ?? '' })),
    );
    assert.ok(used.length > 3, 'the READMEs name commands');
    for (const { readme, command } of used) assert.ok(known.has(command), `${readme} names "kedge ${command}"`);
  });

  it('documents every variable that the stack reads', async () => {
    const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8');
    const read = new Set([...compose.matchAll(/\$\{(KEDGE_[A-Z_]+)/g)].map((match) => match[1] ?? ''));
    const documented = new Set(mentions.map(({ text }) => text));
    assert.ok(read.size > 10);
    assert.deepEqual(
      [...read].filter((name) => !documented.has(name)),
      [],
    );
  });

  it('fits each README on a page or two', async () => {
    for (const readme of await listFiles(/(^|\/)README\.md$/)) {
      const lines = (await readFile(join(root, readme), 'utf8')).split('\n').length;
      assert.ok(lines <= 160, `${readme} has ${lines} lines`);
    }
  });
});
