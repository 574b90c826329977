import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createConfigurationFolder } from '@kedge/config/folder';
import type { ConfigProblem } from '@kedge/shared/contracts';
import { plainRenderer, rendererOnDisk, verdictOn } from './harness/read-in-memory.ts';

const service = (name: string) => `[service]\nname = "${name}"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n`;
const main = (...folders: readonly string[]) => folders.map((each) => `[[service]]\npath = "${each}"\n`).join('');

describe('files on disk that are not what they should be', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-bad-'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  async function write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }

  /** `valid`, or each problem as `file:line:column message`. */
  async function verdict(name = './deploy', variables: Readonly<Record<string, string>> = {}): Promise<string | readonly string[]> {
    const found = await verdictOn(createConfigurationFolder({ path: root, name }), plainRenderer({}, variables));
    if (found.kind !== 'invalid') return found.kind;
    return found.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  }

  it('are read with CRLF, a byte order mark and tabs', async () => {
    await write('dispenser.toml', `\uFEFF${main('web')}`.replaceAll('\n', '\r\n'));
    await write('web/service.toml', `\uFEFF${service('web')}`.replaceAll('\n', '\r\n').replaceAll(' = ', '\t=\t'));
    assert.equal(await verdict(), 'valid');
    await write('web/service.toml', service('web').replace('nginx:1', 'Nginx').replaceAll('\n', '\r\n'));
    assert.match(String(await verdict()), /^web\/service.toml:3:9 service.image: an image is/);
  });

  it('are told where they are named when there is no place in them', async () => {
    await write('dispenser.toml', main('web', 'file', 'nul\\u0000', 'web/service.toml'));
    await write(
      'web/service.toml',
      `${service('web').replace('[dispenser]', `env_file = ["folder", "circle", "${'x'.repeat(300)}"]\n[dispenser]`)}`,
    );
    await write('file', '');
    await mkdir(join(root, 'web/folder'));
    await symlink('circle', join(root, 'web/circle'));
    const found = await verdictOn(createConfigurationFolder({ path: root }), rendererOnDisk(root));
    assert.deepEqual(
      found.kind === 'invalid' && found.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
      [
        'dispenser.toml:4:8 service[1].path: file/service.toml does not exist; what should be its folder is a file: name the folder that it lies in',
        'dispenser.toml:6:8 service[2].path: must not contain the character NUL; no folder has it in its name',
        'dispenser.toml:8:8 service[3].path: web/service.toml/service.toml does not exist; what should be its folder is a file: name the folder that it lies in',
        'web/service.toml:4:13 service.env_file[0]: "web/folder" cannot be read: it is a folder',
        'web/service.toml:4:23 service.env_file[1]: "web/circle" cannot be read: links lead in a circle (ELOOP)',
        `web/service.toml:4:33 service.env_file[2]: "web/${'x'.repeat(300)}" cannot be read: its path is longer than any file has (ENAMETOOLONG)`,
      ],
    );
  });

  it('are never told by a value of a variable: a path is told as it was written', async () => {
    await write(
      'dispenser.vars',
      `n = "c4nary"\nlong = "${'c4nary'.repeat(60)}"\nsecret = { source = "google", name = "projects/1/secrets/X" }\n`,
    );
    await write('dispenser.toml', main('${n}', '${ n }', 'apps/${n}', '${long}', '${secret}', 'web'));
    await write('c4nary/service.toml', `${service('one')}[proxy]\nhost = "a.example.com"\nservice_port = 0\n`);
    await write('apps/c4nary/service.toml', `${service('${nobody}')}[depends_on]\nc4nari = "started"\n`);
    await write('web/service.toml', `${service('one').replace('[dispenser]', 'env_file = ["${n}", "${long}"]\n[dispenser]')}`);
    await mkdir(join(root, 'web/c4nary'));
    const found = await verdictOn(createConfigurationFolder({ path: root }), rendererOnDisk(root));
    assert.ok(found.kind === 'invalid');
    const told = found.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    assert.ok(
      found.problems.length > 6 && told.includes('${n}/service.toml:8:16 proxy.service_port: must be a port number from 1 to 65535'),
      told.join('\n'),
    );
    assert.ok(
      told.some((each) => each.startsWith('apps/${n}/service.toml:2:11 variable "nobody" is not defined')),
      told.join('\n'),
    );
    assert.doesNotMatch(JSON.stringify([found.problems, found.warnings]), /c4nary/);
  });

  it('are told all at once, each at its place', async () => {
    await write('dispenser.toml', main('bytes', 'folder', 'dangling', 'circle', 'pipe', 'socket', 'large', 'nul', 'none', 'loop/loop/web'));
    await write('bytes/service.toml', Buffer.concat([Buffer.from('[service]\nname = "'), Uint8Array.of(0xe9), Buffer.from('"\n')]));
    await mkdir(join(root, 'folder/service.toml'), { recursive: true });
    for (const each of ['dangling', 'circle', 'pipe', 'socket', 'loop']) await mkdir(join(root, each));
    await symlink('nowhere', join(root, 'dangling/service.toml'));
    await symlink('service.toml', join(root, 'circle/service.toml'));
    execFileSync('mkfifo', [join(root, 'pipe/service.toml')]);
    await write('large/service.toml', Buffer.alloc(5 * 1024 * 1024, '#'));
    await write('nul/service.toml', service('nul').replace('nginx', 'ng\0inx'));
    await symlink('.', join(root, 'loop/loop'));
    await write('loop/web/service.toml', service('looped'));
    const server = createServer().listen(join(root, 'socket/service.toml'));
    try {
      assert.deepEqual(await verdict(), [
        'bytes/service.toml:2:9 is not UTF-8 text from here on; save the file as UTF-8',
        'dispenser.toml:4:8 service[1].path: folder/service.toml is a folder, not a file',
        'dispenser.toml:6:8 service[2].path: dangling/service.toml is a link that leads nowhere',
        'dispenser.toml:8:8 service[3].path: circle/service.toml cannot be reached: links lead in a circle (ELOOP)',
        'dispenser.toml:10:8 service[4].path: pipe/service.toml is no regular file',
        'dispenser.toml:12:8 service[5].path: socket/service.toml is no regular file',
        'dispenser.toml:14:8 service[6].path: large/service.toml is larger than 256 KiB: it has 5120 KiB',
        'dispenser.toml:18:8 service[8].path: none/service.toml does not exist, and neither does its folder',
        'nul/service.toml:3:12 not valid TOML: U+0000, NUL, stands here; take it out',
      ]);
    } finally {
      server.close();
    }
  });

  it('may be variables behind links that lead nowhere: a warning, and none of what an editor locks', async () => {
    await write('dispenser.toml', main('web'));
    await write('web/service.toml', service('web').replace('nginx:1', 'nginx:${tag}'));
    await write('a.dispenser.vars', 'tag = "1"\n');
    for (const each of ['dispenser.vars', 'old.dispenser.vars']) await symlink('gone', join(root, each));
    await symlink('me@host.1234:1700000000', join(root, '.#a.dispenser.vars'));
    const told = ({ file, line, column, message }: ConfigProblem) => `${file}:${line}:${column} ${message}`;
    const look = async () => await verdictOn(createConfigurationFolder({ path: root }), rendererOnDisk(root));
    const warned = ['dispenser.vars', 'old.dispenser.vars'].map(
      (file) => `${file}:1:1 is passed over: it is a link that leads nowhere; lead it to a file, or take it out`,
    );
    const found = await look();
    assert.deepEqual(found.kind === 'valid' ? found.configuration.warnings.map(told) : found, warned);
    await rm(join(root, 'a.dispenser.vars'));
    const without = await look();
    assert.ok(without.kind === 'invalid');
    assert.deepEqual(without.problems.map(told), ['web/service.toml:3:18 variable "tag" is not defined; add it to dispenser.vars']);
    assert.deepEqual(without.warnings.map(told), warned);
  });

  it('may not be the main file', async () => {
    await write('dispenser.toml', Uint8Array.of(0x61, 0x0a, 0xff));
    assert.deepEqual(await verdict(), ['dispenser.toml:2:1 is not UTF-8 text from here on; save the file as UTF-8']);
    await rm(join(root, 'dispenser.toml'));
    execFileSync('mkfifo', [join(root, 'dispenser.toml')]);
    assert.deepEqual(await verdict(), ['dispenser.toml:1:1 dispenser.toml is no regular file']);
  });

  it('are told of their folder where that is not there, or has no main file', async () => {
    assert.deepEqual(await verdict(), ['./deploy:1:1 there is neither kedge.toml nor dispenser.toml in ./deploy']);
    await rm(root, { recursive: true });
    assert.deepEqual(await verdict(), ['./deploy:1:1 the configuration folder ./deploy does not exist']);
    await writeFile(root, '');
    assert.deepEqual(await verdict(), ['./deploy:1:1 ./deploy is a file; the folder that it lies in is meant']);
  });

  it('lie where their user says, also by an absolute path', async () => {
    await write('dispenser.toml', main('/opt/dispenser/web', `${root}/api`, '/opt/other'));
    await write('web/service.toml', service('web'));
    await write('api/service.toml', service('api'));
    assert.match(String(await verdict('/opt/dispenser')), /^dispenser.toml:6:8 service\[2\].path: lies outside of .*\(\/opt\/dispenser\)/);
    await write('dispenser.toml', main('/opt/dispenser/web', `${root}/api`));
    assert.equal(await verdict('/opt/dispenser'), 'valid');
  });

  it('get no keys from the value of a variable', async () => {
    await write('dispenser.toml', main('web'));
    await write('web/service.toml', service('web').replace('nginx:1', 'nginx:${tag}'));
    const said = String(await verdict('./deploy', { tag: '1"\nprivileged = "c4nary' }));
    assert.match(said, /^web\/service.toml:\d+:\d+ /);
    assert.ok(!said.includes('c4nary'));
  });
});
