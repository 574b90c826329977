import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Files } from './harness/examples.ts';
import { offlineRenderer, verdictOfFiles } from './harness/read-in-memory.ts';

const head = (name: string) => `[service]\nname = "${name}"\nimage = "nginx:1"\n`;
const behaviour = '[dispenser]\nwatch = true\n';
const own = (line: string): Files => ({ 'web/service.toml': `${head('web')}${line}\n${behaviour}` });
const more = (lines: string): Files => ({ 'web/service.toml': `${head('web')}${behaviour}${lines}\n` });
const route = (line: string) => more(`[proxy]\nservice_port = 80\n${line}`);
const two = (lines: string): Files => ({
  'dispenser.toml': '[[service]]\npath = "web"\n[[service]]\npath = "job"\n',
  ...more(lines),
  'job/service.toml': `${head('job')}${behaviour}${lines}\n`,
});

/** What Dispenser runs, as `docs/from-dispenser.md` says, and where Kedge says so: file, line and key. */
const refused: readonly (readonly [Files, string])[] = [
  [{ 'dispenser.toml': '[[service]]\npath = "../web"\n' }, 'dispenser.toml:2 service[0].path'],
  [more('[[volume]]\nsource = "../../data"\ntarget = "/data"'), 'web/service.toml:7 volume[0].source'],
  [more('[[volume]]\nsource = "/data"\ntarget = "/data:z"'), 'web/service.toml:8 volume[0].target'],
  [more('[[network]]\nname = "outer"'), 'web/service.toml:7 network[0].name'],
  [route('host = "app:8080"'), 'web/service.toml:8 proxy.host'],
  [two('[[port]]\nhost = 81\ncontainer = 80'), 'job/service.toml:7 port[0].host'],
  [more('[[port]]\nhost = 0\ncontainer = 80'), 'web/service.toml:7 port[0].host'],
  [{ 'web/service.toml': `${head('a'.repeat(64))}${behaviour}` }, 'web/service.toml:2 service.name'],
  ...['a b', 'a.'].map(
    (name) => [more(`[[extra_host]]\nhostname = "${name}"\nipv4 = "::1"`), 'web/service.toml:7 extra_host[0].hostname'] as const,
  ),
  ...['lots', '512 m', ''].map((memory) => [own(`memory = "${memory}"`), 'web/service.toml:4 service.memory'] as const),
  ...['abc', '1e0'].map((cpus) => [own(`cpus = "${cpus}"`), 'web/service.toml:4 service.cpus'] as const),
  [more('[depends_on]\nnobody = "started"'), 'web/service.toml:7 depends_on.nobody'],
  [more('[depends_on]\nweb = "started"'), 'web/service.toml:7 depends_on.web'],
  [route('host = "a"\ncert_file = "a.crt"'), 'web/service.toml:9 proxy.cert_file'],
  [route('host = "a"\nkey_file = "a.key"'), 'web/service.toml:9 proxy.key_file'],
  [more('[proxy]\nhost = "a"\nservice_port = 0'), 'web/service.toml:8 proxy.service_port'],
  [more('[env]\n"A=B" = "c"'), 'web/service.toml:7 env.A=B'],
  ...['', 'a.*.example.com', '*.', 'https://app', 'a b', 'bücher.example'].map(
    (host) => [route(`host = "${host}"`), 'web/service.toml:8 proxy.host'] as const,
  ),
  ...['/a?b', '/a#b', '/a b', '/./a', '/a/..'].map(
    (path) => [route(`host = "a"\npath = "${path}"`), 'web/service.toml:9 proxy.path'] as const,
  ),
  [two('[proxy]\nservice_port = 80\nhost = "a"'), 'job/service.toml:8 proxy.host'],
  ...['0 0 3 30 2 *', '0 0 3 * * ? 1999'].map(
    (cron) => [{ 'web/service.toml': `${head('web')}${behaviour}cron = "${cron}"\n` }, 'web/service.toml:6 dispenser.cron'] as const,
  ),
  [{ ...own(''), 'x.dispenser.vars': 'tag = 1\n' }, 'x.dispenser.vars:1'],
];

const taken: readonly Files[] = [
  ...['app.example.com.', '[::1]', '::1', '-a.example.com', 'my_app', '*.example.com', '*'].map((host) => route(`host = "${host}"`)),
  ...['/api//v1', '//api', 'api/', ''].map((path) => route(`host = "a"\npath = "${path}"`)),
  ...['a b', '-a', 'a.', ''].map((name) => own(`hostname = "${name}"`)),
  more('[[port]]\nhost = 81\ncontainer = 80\n[[port]]\nhost = 82\ncontainer = 80'),
  more('[env]\n"a b" = "c"'),
  own('memory = "256mb"'),
  { 'web/service.toml': `${head('web')}${behaviour}cron = "0 0 3 * * 1-5"\n` },
  { ...own(''), 'x.dispenser.vars': 'a = "1"\n', 'y.dispenser.vars': 'a = "2"\n' },
];

async function said(files: Files): Promise<readonly string[]> {
  const all = { 'dispenser.toml': '[[service]]\npath = "web"\n', ...files };
  const verdict = await verdictOfFiles(all, offlineRenderer(all));
  return verdict.kind === 'invalid'
    ? verdict.problems.map(({ file, line, key }) => [`${file}:${line}`, ...(key === undefined ? [] : [key])].join(' '))
    : [verdict.kind];
}

describe('what Dispenser runs', () => {
  for (const [files, place] of refused)
    it(`is refused at ${place}, once: ${JSON.stringify(files)}`, async () => assert.deepEqual(await said(files), [place]));
  for (const files of taken) it(`runs here, too: ${JSON.stringify(files)}`, async () => assert.deepEqual(await said(files), ['valid']));
});
