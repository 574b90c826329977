import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

function told(service: string, more = ''): readonly string[] {
  const file = tomlFile('web/service.toml', `[service]\nname = "web"\nimage = "nginx"\n${service}\n[dispenser]\nwatch = true\n${more}`);
  return declareService({ file, folder: 'web', within: { path: '/config', name: './deploy' } }).problems.map(({ message }) => message);
}

const volume = (target: string, source = '"data"') => `[[volume]]\nsource = ${source}\ntarget = "${target}"\n`;

describe('where things stand in a container', () => {
  for (const [what, found, said] of [
    ['places of their own', told('tmpfs = ["/run", "/tmp:size=1m"]', volume('/x') + volume('/x/y') + volume('/xy')), []],
    [
      'a target twice, beside a source that is wrong',
      told('', volume('/x') + volume('/x/', '5')),
      [/^volume\[1\].source: /, /^volume\[1\].target: is the target of another volume already/],
    ],
    ['a tmpfs on a volume', told('tmpfs = ["/run", "/x:size=1m"]', volume('/x')), [/^service.tmpfs\[1\]: is where another volume/]],
    ['a single tmpfs on a volume', told('tmpfs = "/x"', volume('/x')), [/^service.tmpfs: is where another volume/]],
    ['a tmpfs twice', told('tmpfs = ["/x", "/x/"]'), [/^service.tmpfs\[1\]: /]],
    ['a volume in /proc', told('', volume('/proc/x')), [/^volume\[0\].target: is in the container's own \/proc, .*; choose another/]],
    ['a volume with a name as /proc', told('', volume('/proc/')), [/^volume\[0\].target: is in the container's own/]],
    ['a folder of the configuration as /proc', told('', volume('/x/../proc', '"./a"')), [/^volume\[0\].target: is in/]],
    ['the /proc of the host, there and elsewhere', told('', volume('/proc', '"/proc"') + volume('/host/proc', '"/proc"')), []],
    ['a file that may be replaced', told('', volume('/proc/cpuinfo', '"/var/lib/lxcfs/proc/cpuinfo"')), []],
    ['what only begins like it', told('tmpfs = "/process"', volume('/procfs')), []],
    ['a tmpfs in /proc', told('tmpfs = ["/run", "/proc/x"]'), [/^service.tmpfs\[1\]: is in the container's own \/proc/]],
  ] as const) {
    it(`${said.length === 0 ? 'may be' : 'is told for'} ${what}`, () => {
      assert.equal(found.length, said.length, found.join());
      for (const [index, each] of said.entries()) assert.match(found[index] ?? '', each);
    });
  }
});
