import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import fc from 'fast-check';
import type { FileReading, FolderReading, ServiceFiles } from '../folder/folder-reading.ts';
import { createReadConfiguration } from '../read-configuration.ts';
import { renderPlain } from '../testing/plain-secrets.ts';
import type { Verdict } from '../verdict.ts';

const folders = ['app', 'api', 'web', 'db'] as const;
const few = fc.nat({ max: 3 });
const rarely = fc.integer({ min: 0, max: 7 }).map((drawn) => drawn === 0);

/** A service of which others take notice; most get along with most. */
const service = fc.record({
  name: fc.option(fc.constantFrom(...folders, 'other'), { nil: undefined, freq: 2 }),
  image: fc.constantFrom('nginx:1', 'nginx:${tag}'),
  restart: fc.constantFrom('always', 'no'),
  port: fc.option(fc.record({ host: fc.constantFrom(80, 1000, 1001), ip: fc.constantFrom('', '10.0.0.1', '10.0.0.2') }), { freq: 2 }),
  route: fc.option(few, { freq: 2 }),
  network: fc.option(fc.constantFrom('one', 'two'), { freq: 2 }),
  dependency: fc.option(fc.tuple(fc.constantFrom(...folders, 'other'), fc.constantFrom('started', 'completed')), { freq: 2 }),
  isFed: rarely,
  isPrivileged: rarely,
  fault: fc.oneof(
    { weight: 19, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('[x]\n', '[service', 'tag = ${none}\n', null) },
  ),
});
type Service = typeof service extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function textOf({ port, route, network, dependency, ...own }: Service, folder: string): FileReading {
  if (own.fault === null) return { kind: 'unreadable', reason: 'does not exist' };
  const text = [
    `[service]\nname = "${own.name ?? folder}"\nimage = "${own.image}"\nrestart = "${own.restart}"`,
    own.isFed ? 'env_file = "../all.env"' : '',
    own.isPrivileged ? 'privileged = true' : '',
    '[dispenser]\nwatch = true',
    port ? `[[port]]\nhost = ${port.host}\ncontainer = 80\n${port.ip && `host_ip = "${port.ip}"`}` : '',
    route === null ? '' : `[proxy]\nhost = "${route}.example.com"\nservice_port = 80`,
    network ? `[[network]]\nname = "${network}"` : '',
    dependency ? `[depends_on]\n${dependency[0]} = "${dependency[1]}"` : '',
  ];
  return { kind: 'text', text: `${text.join('\n')}\n${own.fault ?? ''}` };
}

const main = fc.record({
  folders: fc.oneof(
    { weight: 6, arbitrary: fc.constant<readonly string[]>(folders) },
    { weight: 1, arbitrary: fc.shuffledSubarray<string>([...folders], { minLength: 2 }).map((drawn): readonly string[] => drawn) },
  ),
  networks: fc.constantFrom(['one', 'two'], ['two', 'one'], ['one']),
  hasProxy: fc.boolean(),
});
type Main = typeof main extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function mainText({ folders: listed, networks, hasProxy }: Main): string {
  const services = listed.map((folder) => `[[service]]\npath = "${folder}"\n`);
  return `${[...services, ...networks.map((name) => `[[network]]\nname = "${name}"\n`)].join('')}[proxy]\nenabled = ${hasProxy}\n`;
}

const plain: Service = {
  name: undefined,
  image: 'nginx:1',
  restart: 'always',
  port: null,
  route: null,
  network: null,
  dependency: null,
  isFed: false,
  isPrivileged: false,
  fault: undefined,
};

const edit = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('service'), folder: fc.constantFrom(...folders), drawn: service }) },
  // Of one service one thing: most of what people do.
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('key'),
      folder: fc.constantFrom(...folders),
      drawn: service,
      key: fc.constantFrom(...(Object.keys(plain) as (keyof Service)[])),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('mended'), folder: fc.constantFrom(...folders) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('main'), drawn: main }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('variables'), tag: fc.constantFrom('1', '2') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('env'), content: fc.constantFrom('A', 'B', null) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('nothing') }) },
);
/** What is done in one go, whether somebody reads afterwards, and whether the renderer answers then. */
const step = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
  isRead: fc.integer({ min: 0, max: 4 }),
  answers: fc.integer({ min: 0, max: 9 }),
});

/** Files that change, and looks at them that say what is new. */
function createFiles() {
  const services = new Map<string, Service>(folders.map((folder) => [folder, plain]));
  let mainFile: Main = { folders: [...folders], networks: ['one', 'two'], hasProxy: true };
  let env: string | null = 'A';
  let tag = '1';
  let last: ServiceFiles = {};

  return {
    state: () => ({ tag, env }),
    apply(each: typeof edit extends fc.Arbitrary<infer Drawn> ? Drawn : never): void {
      if (each.kind === 'main' && 'drawn' in each && 'folders' in each.drawn) mainFile = each.drawn;
      if (each.kind === 'service' && 'drawn' in each && 'name' in each.drawn && 'folder' in each) services.set(each.folder, each.drawn);
      if (each.kind === 'mended' && 'folder' in each) services.set(each.folder, plain);
      if ('tag' in each) tag = each.tag;
      if ('content' in each) env = each.content;
      if ('key' in each) services.set(each.folder, { ...(services.get(each.folder) ?? plain), [each.key]: each.drawn[each.key] });
    },
    look(): FolderReading {
      const now = Object.fromEntries(mainFile.folders.map((folder) => [folder, textOf(services.get(folder) ?? plain, folder)]));
      const isSame = (folder: string) => JSON.stringify(last[folder]) === JSON.stringify(now[folder]);
      const before = last;
      const others = mainFile.folders.filter((folder) => !isSame(folder));
      const isOfSameFolders = Object.keys(before).join() === mainFile.folders.join();
      if (!isOfSameFolders || others.length > 0) last = now;
      const news = isOfSameFolders && others.length > 0 ? { news: { since: before, folders: others } } : {};
      const marks = { envFiles: { 'all.env': `mark of ${env}` } };
      return { kind: 'read', entry: 'kedge.toml', text: mainText(mainFile), services: last, variables: tag, ...news, ...marks };
    },
  };
}

function createReader(files: ReturnType<typeof createFiles>) {
  let answers = true;
  const rendered = { services: 0 };
  const read = createReadConfiguration({
    folder: {
      path: '/config',
      name: './deploy',
      look: async () => ({ kind: 'ambiguous' }),
      doubt: () => undefined,
      variablesText: async () => null,
    },
    renderer: {
      async render(asked, envFiles) {
        const { tag, env } = files.state();
        if (!answers) throw new RetryableError('REQUEST_UNANSWERED', 'secrets did not answer');
        const wrong = asked.filter(({ text }) => text.includes('${none}'));
        const fine = asked.filter((each) => !wrong.includes(each));
        const variables = env === null ? null : [{ name: env, secret: { ref: `all.env#${env}`, fingerprint: 'k:1' } }];
        rendered.services += fine.filter(({ path }) => path !== 'kedge.toml').length;
        return {
          variables: tag,
          files: fine.map(({ path, text }) => ({ path, ...renderPlain(text, { tag }), tainted: [] })),
          ...(envFiles && { envFiles: envFiles.map((path) => ({ path, variables })) }),
          problems: wrong.map(({ path }) => ({ path, offset: 0, message: 'a variable is missing' })),
        };
      },
    },
    proxyPort: 80,
  });
  return {
    rendered,
    async read(reading: FolderReading, isAnswered = true): Promise<Verdict> {
      answers = isAnswered;
      return await read(reading);
    },
  };
}

describe('a configuration that goes along with its files', () => {
  it('is what it would be if it were built anew, whatever was edited', async () => {
    const seen = { valid: 0, invalid: 0, followed: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const files = createFiles();
        const reader = createReader(files);
        let before: Verdict | null = null;
        for (const { edits, isRead, answers } of steps) {
          for (const each of edits) files.apply(each);
          const reading = files.look();
          if (isRead === 0) continue;
          if (answers === 0) await reader.read(reading, false);
          const verdict = await reader.read(reading);
          assert.deepEqual(verdict, await createReader(files).read(reading));
          if (verdict.kind === 'valid') {
            seen.valid += 1;
            const { services } = verdict.configuration;
            // Whoever builds anew makes each of them anew.
            const followed = before?.kind === 'valid' && before.configuration.services.some((each, place) => each === services[place]);
            if (followed) seen.followed += 1;
          }
          if (verdict.kind === 'invalid') seen.invalid += 1;
          before = verdict;
        }
      }),
      { seed: 20, numRuns: 150 },
    );
    // Otherwise nothing was compared.
    assert.ok(Math.min(seen.valid, seen.invalid, seen.followed) > 100, JSON.stringify(seen));
  });
});
