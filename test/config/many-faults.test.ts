import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLong, sample, seed } from '../chaos/harness/sample.ts';
import { breaks, broken, linesAround, linesOf, textOf } from './harness/broken-lines.ts';
import { exampleNames, type Files, readExample } from './harness/examples.ts';
import { offlineRenderer, verdictOfFiles } from './harness/read-in-memory.ts';

const main = '[[service]]\npath = "web"\n[[service]]\npath = "api"\n';
const service = (name: string) => `[service]\nname = "${name}"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n`;
const sound: Files = { 'kedge.toml': main, 'web/service.toml': service('web'), 'api/service.toml': service('api') };

/** Each problem as `file:line:column`, and of those that have none of these the first words. */
async function told(files: Files): Promise<readonly string[]> {
  const all = { ...sound, ...files };
  const verdict = await verdictOfFiles(all, offlineRenderer(all));
  assert.ok(verdict.kind === 'invalid', verdict.kind);
  return verdict.problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
}

describe('many faults in one file', () => {
  it('are told together, those of the language and those of the grammar', async () => {
    const web =
      '[service]\nname = "web"\nimage = nginx\nuser = 5\ncolour = "red"\n[dispenser]\nwatch = tru\n[[port]]\nhost = "a"\ncontainer = 80\n';
    assert.deepEqual(await told({ 'web/service.toml': web }), [
      'web/service.toml:3:9',
      'web/service.toml:4:8',
      'web/service.toml:5:1',
      'web/service.toml:7:9',
      'web/service.toml:9:8',
    ]);
  });

  it('are told of the main file and of the services that it names all the same', async () => {
    const files = {
      'kedge.toml': `delay = soon\n[[service]]\npath = "web"\noops\n[[service]]\npath = "api"\n[proxy]\nenabled = 5\n`,
      'api/service.toml': service('api').replace('true', '5'),
    };
    assert.deepEqual(await told(files), ['api/service.toml:5:9', 'kedge.toml:1:9', 'kedge.toml:4:5']);
  });

  it('do not make a false one of what depends on them', async () => {
    const files = {
      'web/service.toml': `${service('web').replace('"web"', 'web')}[proxy]\nhost = a\nservice_port = 80\ncert_file = x\nkey_file = "k"\n`,
      'api/service.toml': `${service('api')}[depends_on]\nweb = "started"\n`,
    };
    assert.deepEqual(await told(files), ['web/service.toml:2:8', 'web/service.toml:7:8', 'web/service.toml:9:13']);
    const header = { ...files, 'web/service.toml': '[service\nname = "web"\nimage = 5\n[kedge]\nwatch = oops\n' };
    assert.deepEqual(await told(header), ['web/service.toml:1:9', 'web/service.toml:5:9']);
  });

  it('leave open what a service is called that does not say it legibly', async () => {
    const files = {
      'kedge.toml': main.replace('"web"', '"site"'),
      'api/service.toml': `${service('api')}[depends_on]\nweb = "started"\n`,
    };
    for (const [site, at] of [
      [service('web').replace('[service]', '[service'), 'site/service.toml:1:9'],
      [service('web').replace('"web"', 'web'), 'site/service.toml:2:8'],
    ] as const) {
      assert.deepEqual(await told({ ...files, 'site/service.toml': site }), [at]);
    }
  });

  it('are told behind an expression that is never closed, and beside undefined variables', async () => {
    const web = service('web').replace('"nginx:1"', '"nginx:${tag"\nuser = "${nobody}"\nmemory = x\ncolour = 1');
    assert.deepEqual(await told({ 'web/service.toml': web }), [
      'web/service.toml:3:16',
      'web/service.toml:4:11',
      'web/service.toml:5:10',
      'web/service.toml:6:1',
    ]);
  });

  it('are told of the text around a value, and not of line breaks within it', async () => {
    const web = service('web').replace('"nginx:1"', '"nginx:${tag}" x\nuser = 5\nmemory = oops');
    const files = { 'web/service.toml': web, 'dispenser.vars': 'tag = "a\\n[b\\nc = 1"\n' };
    assert.deepEqual(await told(files), ['web/service.toml:3:24', 'web/service.toml:4:8', 'web/service.toml:5:10']);
  });
});

describe('a fault that may have swallowed something', () => {
  const web = (from: string, to: string, rest = '') => ({ 'web/service.toml': service('web').replace(from, to) + rest });
  const volumes = '[[volume]]\nsource = "a"\ntarget = "/a"\nvolume]]\nsource = "b"\ntarget = "/b"\n';
  const script = '[env]\nA = "1"\n[gpu]\n';
  for (const [what, files, places] of [
    ['a header', web('[dispenser]', 'dispenser]'), ['4:10']],
    ['one of several headers', web('', '', volumes), ['9:7']],
    ['a header and its line', web('\n[dispenser]\n', ' command = ["a"]\n[dispenser] '), ['3:19', '4:13']],
    ['a key behind another', web('', '', '[proxy]\nhost = "a" service_port = 80\n'), ['7:12']],
    ['a key in a number', web('', '', '[[port]]\nhost = 8080container = 80\n'), ['7:12']],
    ['a script', web('image', `entrypoint' = ["sh", "-c", """\n${script}"""]\nimage`), ['3:11']],
    ['a statement', web('[service]', '{% set t = "x" }\n[service]', '{% if t %}\n[env]\nA = "${no}"\n{% endif %}\n'), ['1:1']],
  ] as const) {
    it(`is told alone: ${what}`, async () => {
      assert.deepEqual(
        await told(files),
        places.map((place) => `web/service.toml:${place}`),
      );
    });
  }

  it('is told beside variables that are TOML themselves', async () => {
    const text = service('web').replace('name', 'command = ${list}\nname').replace('true', 'yes');
    const files = {
      'dispenser.vars': `list = '["a", "b"]'\nlines = 'A1 = "1"'\n`,
      'web/service.toml': `${text}[env]\n\${lines}\n{% macro m() %}[[volume]]\nsource = "a"\ntarget = "/a"\n{% endmacro %}\${ m() }\n`,
    };
    assert.deepEqual(await told(files), ['web/service.toml:6:9']);
  });

  it('is told where its name is longer than any', async () => {
    for (const steps of [2_000, 50_000]) {
      const files = web('', '', `[env]\na${'.a'.repeat(steps)} = x\n`);
      assert.deepEqual(await told(files), [`web/service.toml:7:${steps * 2 + 5}`]);
      assert.deepEqual(await told({ 'kedge.toml': `${main}[env]\na${'.a'.repeat(steps)} = x\n` }), [`kedge.toml:6:${steps * 2 + 5}`]);
    }
  });
});

describe('one fault in a folder that is fine without it', () => {
  const faults: readonly (readonly [what: string, broken: (line: string) => string])[] = [
    ['no value', (line) => line.replace(/= *.*/, '= oops')],
    ['no quote at the end', (line) => line.replace(/"(\s*(?:#.*)?)$/, '$1')],
    ['no quote at the beginning', (line) => line.replace(/= *"/, '= ')],
    ['no bracket at the end', (line) => line.replace(/[\]}](\s*(?:#.*)?)$/, '$1')],
    ['no sign between key and value', (line) => line.replace(/ *= */, ' ')],
    ['an expression without an end', (line) => line.replace(/\}/, '')],
  ];
  for (const name of exampleNames) {
    it(`${name} is told where it is, and nowhere else`, async () => {
      const files = await readExample(name);
      const broken = Object.entries(files).flatMap(([path, text]) =>
        path.endsWith('.toml')
          ? text
              .split('\n')
              .flatMap((line, index) => faults.map(([what, breaks]) => ({ path, text, line, index, what, now: breaks(line) })))
          : [],
      );
      for (const { path, text, line, index, what, now } of sample(
        broken.filter(({ line, now }) => line !== now),
        60,
      )) {
        const all = { ...files, [path]: text.split('\n').with(index, now).join('\n') };
        const verdict = await verdictOfFiles(all, offlineRenderer(all));
        if (verdict.kind !== 'invalid') continue;
        const places = new Set(verdict.problems.map((problem) => `${problem.file}:${problem.line}`));
        assert.deepEqual([...places], [`${path}:${index + 1}`], `${what}: ${line}\n${JSON.stringify(verdict.problems, null, 1)}`);
      }
    });
  }
});

describe('lines that are broken in any way', () => {
  const rich: Files = {
    'kedge.toml': `delay = 60\n${main}\n[[network]]\nname = "back"\n[network.labels]\na = "b"\n[certbot]\nemail = "a@example.com"\n`,
    'dispenser.vars': 'tag = "1"\nlist = \'["a", "b"]\'\n',
    'api/service.toml': service('api'),
    'web/service.toml': [
      "# The shop, it's ours.",
      '{% set tier = "x" %}',
      '[service]',
      'name = "web"',
      'image = "nginx:${tag}"',
      'command = ${list}',
      'entrypoint = ["sh", "-c", """',
      'echo "$1" # no [table]',
      'PORT=80',
      '[ -f x ] && exec y',
      '"""]',
      'cap_add = [',
      '  "NET_ADMIN",',
      '  "SYS_TIME",',
      ']',
      'labels = { "a" = "b", c = "${tag}" }',
      '',
      '[[port]]',
      'host = 8080',
      'container = 80',
      '[[port]]',
      'host = 8081',
      'container = 81',
      '{% if tier == "x" %}',
      '[[volume]]',
      'source = "data"',
      'target = "/data"',
      '{% endif %}',
      '[[volume]]',
      'source = "more"',
      'target = "/more"',
      '[env]',
      "A = '1'",
      'B = "${tag}-${ tag | upper }"',
      '{# C = 2 #}',
      '[proxy]',
      'host = "a.example.com"',
      'service_port = 80',
      'cert_file = "c"',
      'key_file = "k"',
      '[[network]]',
      'name = "back"',
      '[dispenser]',
      'watch = true',
      '[depends_on]',
      'api = "started"',
      '',
    ].join('\n'),
  };
  const change = fc.record({ how: fc.constantFrom(...breaks), line: fc.nat(99), at: fc.nat(99) });

  it('is fine before', async () => {
    assert.deepEqual((await verdictOfFiles(rich, offlineRenderer(rich))).kind, 'valid');
  });

  for (const [name, read] of [
    ...exampleNames.map((each) => [each, () => readExample(each)] as const),
    ['rich', async () => rich] as const,
  ]) {
    it(`are told where they are, and nothing else is: ${name}`, async () => {
      const files = await read();
      const paths = Object.keys(files).filter((each) => each.endsWith('.toml'));
      const property = fc.asyncProperty(
        fc.nat(99),
        fc.array(change, { minLength: 1, maxLength: isLong ? 3 : 2 }),
        async (file, changes) => {
          const path = paths[file % paths.length] ?? '';
          const original = files[path] ?? '';
          const lines = changes.reduce(broken, linesOf(original));
          const all = { ...files, [path]: textOf(lines) };
          const verdict = await verdictOfFiles(all, offlineRenderer(all));
          if (verdict.kind !== 'invalid') return;
          const { problems } = verdict;
          // What is legible as it is may mean something else now: its keys may be others, and some are missing.
          if (problems.every(({ key }) => key !== undefined)) return;
          const intact = new Set(lines.flatMap(({ isBroken, origins }) => (isBroken ? [] : origins)));
          const lost = linesOf(original)
            .filter((_, index) => !intact.has(index + 1))
            .map(({ text }) => text)
            .join('\n');
          const around = linesAround(original, intact);
          const isExplained = ({ file: told, line, key, message }: (typeof problems)[number]) => {
            const at = lines[line - 1];
            // Others ask for a service by the name that it had.
            if (told !== path) return /is not the name of a service/.test(message) && /^name =/m.test(lost);
            // Behind the last line.
            if (!at || at.isBroken || at.origins.some((origin) => around.has(origin))) return true;
            // What is missing, or is there twice, was in a line that is lost.
            if (/ is missing/.test(message) && key !== undefined)
              return (key === 'dispenser' ? ['dispenser', 'kedge'] : (key?.split('.') ?? [])).some((step) => lost.includes(step));
            if (/needs the other one/.test(message)) return [...lost.matchAll(/^\w+/gm)].some(([word]) => message.includes(word));
            if (/written before/.test(message)) return lost.includes(at.text.split(/[ .=[\]]/).find((each) => each !== '') ?? '');
            // Of a text of several lines the parser may see only behind it that something is missing; then it is told alone.
            if (problems.length === 1 && /"""|'''/.test(lost)) return true;
            // It says that something was expected before this line, and the line before is broken.
            const before = lines.slice(0, line - 1).findLast(({ text }) => text.trim() !== '');
            if (/was expected before what comes next/.test(message)) return before?.isBroken === true;
            // A block begins or ends there, whose other end is lost.
            return /\{[%#]|[%#]\}/.test(at.text) && /[{}%#]/.test(lost);
          };
          const odd = problems.filter((problem) => !isExplained(problem));
          const said = JSON.stringify({ changes, problems: problems.map((each) => `${each.file}:${each.line} ${each.message}`) }, null, 1);
          assert.deepEqual(odd, [], `${said}\n${textOf(lines)}`);
        },
      );
      await fc.assert(property, { seed, numRuns: isLong ? 3_000 : 100 });
    });
  }
});
