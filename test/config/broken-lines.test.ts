import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLong, sample, seed } from '../chaos/harness/sample.ts';
import { breaks, broken, linesOf, textOf } from './harness/broken-lines.ts';
import { exampleNames, type Files, readExample } from './harness/examples.ts';
import { unexplained } from './harness/explained.ts';
import { offlineRenderer, verdictOfFiles } from './harness/read-in-memory.ts';

const main = '[[service]]\npath = "web"\n[[service]]\npath = "api"\n';
const service = (name: string) => `[service]\nname = "${name}"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n`;

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
          const odd = unexplained({ path, original, lines, problems });
          const said = JSON.stringify({ changes, problems: problems.map((each) => `${each.file}:${each.line} ${each.message}`) }, null, 1);
          assert.deepEqual(odd, [], `${said}\n${textOf(lines)}`);
        },
      );
      await fc.assert(property, { seed, numRuns: isLong ? 3_000 : 100 });
    });
  }
});
