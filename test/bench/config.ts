import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createReadConfiguration, type FolderReading } from '@kedge/config';
import { createConfigurationFolder, createTemplateFolder } from '@kedge/config/folder';
import { createRenderConfiguration, fingerprintKey } from '@kedge/config/template';
import { NodeName } from '@kedge/shared/contracts';
import { parse } from 'smol-toml';
import { planWrites, type StoredConfiguration } from '../../services/watcher/core/configuration/plan-writes.ts';

/**
 * What a folder of many services costs to load, to validate and to compare with what is in force, and what a change of one file costs
 * beside reading, rendering and parsing that file and the variables. Medians of several rounds, told as ratios.
 */
const { values } = parseArgs({ options: { services: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '15' } } });
const count = Number(values.services);
const rounds = Number(values.rounds);

const root = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
const names = Array.from({ length: count }, (_, index) => `app${index}`);
const textOf = (name: string, image: string) => `[service]
name = "${name}"
image = "registry.example.com/team/${image}:\${tag}"
restart = "always"
memory = "256mb"
[env]
TOKEN = "\${token}"
[dispenser]
watch = true
[proxy]
host = "${name}.example.com"
service_port = 8080
`;
await writeFile(join(root, 'kedge.toml'), names.map((name) => `[[service]]\npath = "${name}"\n`).join(''));
await writeFile(join(root, 'dispenser.vars'), 'tag = "v1"\ntoken = "correct horse"\n');
for (const name of names) {
  await mkdir(join(root, name));
  await writeFile(join(root, name, 'service.toml'), textOf(name, name));
}

const key = fingerprintKey(new Uint8Array(32));
const render = createRenderConfiguration({ folder: createTemplateFolder(root), key });
const node = NodeName.parse('local');
const folder = createConfigurationFolder({ path: root });

async function timed<Result>(work: () => Promise<Result> | Result): Promise<{ readonly ms: number; readonly result: Result }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function createReader() {
  const read = createReadConfiguration({
    folder,
    renderer: { render: async (files) => await render({ files: [...files] }) },
    proxyPort: 80,
  });
  return async (reading: FolderReading) => {
    const verdict = await read(reading);
    assert.ok(verdict.kind === 'valid', JSON.stringify(verdict).slice(0, 500));
    return verdict.configuration;
  };
}

const plan = (configuration: Awaited<ReturnType<ReturnType<typeof createReader>>>, stored: StoredConfiguration) =>
  planWrites({ node, configuration, stored, agreed: null, baseline: new Map(), now: new Date() });

// Marks that are young are not trusted: they have to be older than the coarsest clock of a file system.
console.log(`${count} services, ${rounds} rounds; waiting until the files are old enough to be trusted`);
await new Promise((resolve) => setTimeout(resolve, 2_500));

const all = { load: [] as number[], validate: [] as number[], diff: [] as number[], plain: [] as number[] };
for (let round = 0; round < Math.max(3, rounds / 5); round += 1) {
  const fresh = createConfigurationFolder({ path: root });
  const loaded = await timed(async () => await fresh.look(names));
  const validated = await timed(async () => await createReader()(loaded.result));
  const compared = await timed(() => plan(validated.result, { manifest: null, services: new Map(), staged: new Map() }));
  const plain = await timed(async () => {
    for (const name of names) parse(await readFile(join(root, name, 'service.toml'), 'utf8'));
  });
  all.load.push(loaded.ms);
  all.validate.push(validated.ms);
  all.diff.push(compared.ms);
  all.plain.push(plain.ms);
}

const read = createReader();
const first = await read(await folder.look(names));
const inForce = plan(first, { manifest: null, services: new Map(), staged: new Map() }).plan;
const stored: StoredConfiguration = {
  manifest: inForce.manifest && { value: inForce.manifest, revision: 1 },
  services: new Map(inForce.puts.map(({ name, entry }) => [name, { value: entry, revision: 1 }])),
  staged: new Map(),
};
const one = { look: [] as number[], read: [] as number[], diff: [] as number[], alone: [] as number[] };
for (let round = 0; round < rounds; round += 1) {
  const path = join(root, 'app0', 'service.toml');
  await writeFile(path, textOf('app0', `other${round}`));
  const looked = await timed(async () => await folder.look(names));
  const changed = await timed(async () => await read(looked.result));
  const compared = await timed(() => plan(changed.result, stored));
  assert.deepEqual(
    compared.result.plan.puts.map(({ name }) => name),
    ['app0'],
  );
  const alone = await timed(async () => {
    const text = await readFile(path, 'utf8');
    const reply = await render({ files: [{ path: 'app0/service.toml', text }] });
    for (const file of reply.files) parse(file.text);
  });
  one.look.push(looked.ms);
  one.read.push(changed.ms);
  one.diff.push(compared.ms);
  one.alone.push(alone.ms);
}

const ms = (numbers: readonly number[]) => `${median(numbers).toFixed(2)} ms`;
const ratio = (numbers: readonly number[], beside: readonly number[]) => (median(numbers) / median(beside)).toFixed(2);
console.log(`all: load ${ms(all.load)}, validate ${ms(all.validate)}, diff ${ms(all.diff)}`);
console.log(
  `all beside reading and parsing every file: ${ratio(
    all.load.map((each, index) => each + (all.validate[index] ?? 0)),
    all.plain,
  )}`,
);
console.log(
  `one changed file: look at the folder ${ms(one.look)}, read ${ms(one.read)}, diff ${ms(one.diff)}; that file alone ${ms(one.alone)}`,
);
console.log(`one changed file, read, beside that file and the variables alone: ${ratio(one.read, one.alone)}`);
console.log(
  `one changed file, looked at, read and compared, beside everything anew: ${ratio(
    one.look.map((each, index) => each + (one.read[index] ?? 0) + (one.diff[index] ?? 0)),
    all.load.map((each, index) => each + (all.validate[index] ?? 0) + (all.diff[index] ?? 0)),
  )}`,
);
await rm(root, { recursive: true });
