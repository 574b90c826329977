import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { checkTable } from './check-table.ts';
import { Route } from './proxy-table.ts';
import { ServiceFile } from './service-file.ts';

const schema = z.strictObject({
  name: z.string(),
  port: z.array(z.strictObject({ host: z.int() })).optional(),
  inner: z.strictObject({ flag: z.boolean() }).optional(),
  env: z.record(z.string().regex(/^[^=]+$/, 'no "=" please'), z.string()).optional(),
});

const part = schema
  .extend({ port: z.array(z.object({ host: z.int() }).partial().nullable()) })
  .partial()
  .strip();

const check = (text: string) => {
  const file = tomlFile('a.toml', text);
  return checkTable({ file, root: file.root, schema, part });
};
const briefly = (text: string) =>
  check(text).problems.map(({ line, column, message, nearest }) => [line, column, message, ...(nearest ? [nearest] : [])]);

describe('checking a table', () => {
  it('hands over what fits', () => {
    assert.deepEqual(check('name = "x"\n').value, { name: 'x' });
  });

  it('tells everything that is wrong together, each at its place', () => {
    assert.deepEqual(briefly('nmae = "x"\n[[port]]\nhost = "80"\nhots = 1\n[inner]\nflag = 0\n[env]\n"A=B" = "x"\nC = 1\n'), [
      [1, 1, 'name: is missing; it must be text in quotes'],
      [3, 8, 'port[0].host: must be a whole number, not text'],
      [4, 1, 'port[0].hots: unknown key in [[port]]; known are host', 'host'],
      [6, 8, 'inner.flag: must be true or false, without quotes, not a number'],
      [8, 1, 'env.A=B: no "=" please'],
      [9, 5, 'env.C: must be text in quotes, not a number'],
      [1, 1, 'nmae: unknown key; known are name, port, inner, env', 'name'],
    ]);
  });

  for (const [text, said] of [
    ['name = 5', 'name: must be text in quotes, not a number'],
    ['name = true', 'name: must be text in quotes, not true or false'],
    ['name = []', 'name: must be text in quotes, not an array'],
    ['name = 2026-01-01', 'name: must be text in quotes, not a date'],
    ['name = {}', 'name: must be text in quotes, not a table'],
    ['name = "x"\nport = 5', 'port: must be an array, not a number'],
    ['name = "x"\ninner = "x"', 'inner: must be a table, not text'],
    ['name = "x"\nenv = ["A=1"]', 'env: must be a table, not an array; write [env], and below it NAME = "value" for each variable'],
    ['name = "x"\nport = [{ host = 1.5 }]', 'port[0].host: must be a whole number, not a fraction'],
  ] as const) {
    it(`says for ${text.replace('\n', '; ')}: ${said}`, () => assert.equal(check(text).problems[0]?.message, said));
  }

  for (const [text, said] of [
    [
      'host = "ex\u00a0ample.com"',
      'must not have a character that no host name has; it holds U+00A0, a no-break space: write a plain blank',
    ],
    [
      'redirect = "perm\u00adanent"',
      'must be one of "permanent", "temporary": the nearest is "permanent"; it holds U+00AD, a soft hyphen: take it out',
    ],
    [`maintenance_page = "\u201c${'a'.repeat(65_536)}\u201d"`, 'must not be longer than 65536 characters'],
    ['service_port = "\u201c80\u201d"', 'must be a whole number, not text'],
    ['cert_file = "\u201ca\\u0000"', 'must not contain the character NUL; no file has it in its name'],
    [
      'basic_auth.ann = "\u201ca\u201d"',
      'must come from a variable, such as "${password_hash}": what stands here itself would be kept in the open',
    ],
  ] as const) {
    it(`names an odd character where it may be the cause: ${said}`, () => {
      const file = tomlFile('a.toml', `${text}\n`);
      const checked = checkTable({ file, root: file.root, schema: Route.partial(), part: Route.partial() });
      assert.deepEqual(
        checked.problems.map(({ message }) => message.replace(/^[^:]*: /, '')),
        [said],
      );
    });
  }

  const restarts = 'must be one of "no", "always", "on-failure", "unless-stopped"';
  const duration = 'must be a duration such as "500ms", "10s" or "1m30s"';
  const withUnit = `${duration}, with its unit and in quotes`;
  for (const [text, said] of [
    ['service.restart = "allways"', `${restarts}: the nearest is "always"`],
    ['service.restart = "On_Failur"', `${restarts}: the nearest is "on-failure"`],
    ['service.restart = "nevr"', `${restarts}: the nearest is "never", which means "no"`],
    ['service.restart = "sometimes"', restarts],
    ['service.strategy = "roling"', 'must be one of "rolling", "recreate": the nearest is "rolling"'],
    ['service.restart = "${x}"', restarts],
    ['service.stop_grace_period = 15', `${withUnit}: write "15s" for seconds`],
    ['service.stop_grace_period = 0.5', `${withUnit}: write "0.5s" for seconds`],
    ['service.stop_grace_period = -1', withUnit],
    ['service.stop_grace_period = 0.0001', withUnit],
    ['service.stop_grace_period = 10_000_000_000', withUnit],
    ['service.stop_grace_period = 1e300', withUnit],
    ['service.stop_grace_period = ${y}', withUnit],
    ['service.stop_grace_period = "15"', duration],
    ['service.stop_grace_period = true', 'must be text in quotes, not true or false'],
  ] as const) {
    it(`proposes what was meant, and nothing of a value that a variable filled: ${text}`, () => {
      const tainted = [taintedLeaf(['service', text.includes('${x}') ? 'restart' : 'stop_grace_period'])];
      const source = `${text}\nservice.name = "web"\nservice.image = "nginx:1"\n`;
      const rendering = { source, variables: { x: 'allways', y: '15' }, ...(text.includes('${') ? { tainted } : {}) };
      const file = tomlFile('service.toml', rendering);
      const { problems } = checkTable({ file, root: file.root, schema: ServiceFile, part: ServiceFile.partial() });
      assert.deepEqual(
        problems.map(({ message }) => message.replace(/^[^:]*: /, '')),
        [said],
      );
    });
  }

  it('says nothing near when nothing is near', () => {
    assert.deepEqual(briefly('name = "x"\ncompletely = 1\n'), [[2, 1, 'completely: unknown key; known are name, port, inner, env']]);
  });
});
