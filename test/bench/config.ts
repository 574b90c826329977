import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createReadConfiguration, type FolderReading } from '@kedge/config';
import { createChangeHints, createConfigurationFolder, createTemplateFolder } from '@kedge/config/folder';
import { createRenderConfiguration, fingerprintKey } from '@kedge/config/template';
import type { Bucket, Bus } from '@kedge/shared/bus';
import { NodeName } from '@kedge/shared/contracts';
import { startTestBus } from '@kedge/shared/testing';
import { parse } from 'smol-toml';
import { systemClock as clock } from '../../services/watcher/adapters/system-clock.ts';
import { createApplyConfiguration } from '../../services/watcher/apply-configuration.ts';
import { afterWrites } from '../../services/watcher/core/configuration/after-writes.ts';
import { planWrites } from '../../services/watcher/core/configuration/plan-writes.ts';
import { sameReading } from '../../services/watcher/core/configuration/settle.ts';
import type { SortedEntries, StoredEntry } from '../../services/watcher/core/configuration/sort-entries.ts';
import { type Memory, noMemory } from '../../services/watcher/core/configuration/wished-entries.ts';

/**
 * What a folder of many services costs to load, to validate and to compare with what is in force, and what a change of one file costs
 * there beside the same change in a folder of that file alone, and beside no more than reading, rendering and parsing it: the look at the
 * folder, every 0.6 s at what the kernel says has changed, and every 2 s at everything; reading; comparing with what is in force; and
 * bringing it into KV. Medians, told as ratios.
 */
const { values } = parseArgs({ options: { services: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '120' } } });
const count = Number(values.services);
const rounds = Number(values.rounds);
/** Of what takes long. */
const roundsOfAll = 5;

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

/** A folder of so many services, and whoever renders it. */
async function openFolder(size: number) {
  const root = await mkdtemp(join(tmpdir(), 'kedge-bench-'));
  const names = Array.from({ length: size }, (_, index) => `app${index}`);
  await writeFile(join(root, 'kedge.toml'), names.map((name) => `[[service]]\npath = "${name}"\n`).join(''));
  await writeFile(join(root, 'dispenser.vars'), 'tag = "v1"\ntoken = "correct horse"\n');
  for (const name of names) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'service.toml'), textOf(name, name));
  }
  const hints = createChangeHints();
  const render = createRenderConfiguration({ folder: createTemplateFolder(root), key: fingerprintKey(new Uint8Array(32)) });
  return { root, names, render, hints, folder: createConfigurationFolder({ path: root, hints }) };
}

type Opened = Awaited<ReturnType<typeof openFolder>>;

const node = NodeName.parse('local');
const many = await openFolder(count);
const { root, names, render, folder } = many;
const single = await openFolder(1);
const withoutHints = createConfigurationFolder({ path: root });

async function timed<Result>(work: () => Promise<Result> | Result): Promise<{ readonly ms: number; readonly result: Result }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function createReader({ folder, render }: Pick<Opened, 'folder' | 'render'>) {
  const read = createReadConfiguration({
    folder,
    renderer: { render: async (files) => await render({ files: [...files] }) },
    proxyPort: 80,
  });
  return async (reading: FolderReading) => {
    const verdict = await read(reading);
    if (verdict.kind !== 'valid') throw new Error(JSON.stringify(verdict).slice(0, 500));
    return verdict.configuration;
  };
}

type Configuration = Awaited<ReturnType<ReturnType<typeof createReader>>>;

/** What a pass compares with, and what it hands to the next. */
interface Pass {
  readonly stored: SortedEntries;
  readonly memory: Memory;
}

const nothing: Pass = { stored: { manifest: null, services: [], staged: new Map(), rejection: null }, memory: noMemory };

function stored<Value>(key: string, value: Value): StoredEntry<Value> {
  return { key, value, revision: 1, writtenAt: new Date() };
}

/** Compares, and follows what the writes would leave behind, as a pass does. */
function compare(configuration: Configuration, before: Pass) {
  const { plan, memory } = planWrites({ node, configuration, stored: before.stored, agreed: null, memory: before.memory, now: new Date() });
  const after = afterWrites(before.stored, {
    manifest: plan.manifest ? stored('local._config', plan.manifest) : before.stored.manifest,
    written: plan.puts.map(({ name, entry }) => stored(`local.${name}`, entry)),
    gone: new Set(),
  });
  assert.ok(after, 'everything that the manifest names is there');
  return { changed: plan.puts.map(({ name }) => name), pass: { stored: after, memory } satisfies Pass };
}

/** A bus that counts the entries of KV that were read, and the writes. */
function counting(bus: Bus) {
  let [read, written] = [0, 0];
  const write = <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) => {
    return async (...given: Given) => {
      written += 1;
      return await call(...given);
    };
  };
  function wrap<Value>(bucket: Bucket<Value>): Bucket<Value> {
    return {
      ...bucket,
      async get(key) {
        read += 1;
        return await bucket.get(key);
      },
      async readEverything() {
        const found = await bucket.readEverything();
        read += found.size;
        return found;
      },
      create: write(bucket.create),
      update: write(bucket.update),
      delete: write(bucket.delete),
    };
  }
  const watched: Bus = { ...bus, bucket: (name, schema) => wrap(bus.bucket(name, schema)) };
  return { bus: watched, read: () => read, written: () => written };
}

// Marks that are young are not trusted: they have to be older than the coarsest clock of a file system.
console.log(`${count} services, ${rounds} rounds; waiting until the files are old enough to be trusted`);
await new Promise((resolve) => setTimeout(resolve, 2_500));

const all = { load: [] as number[], validate: [] as number[], diff: [] as number[], plain: [] as number[] };
for (let round = 0; round < roundsOfAll; round += 1) {
  const fresh = createConfigurationFolder({ path: root });
  const loaded = await timed(async () => await fresh.look(names));
  const validated = await timed(async () => await createReader(many)(loaded.result));
  const compared = await timed(() => compare(validated.result, nothing));
  const plain = await timed(async () => {
    for (const name of names) parse(await readFile(join(root, name, 'service.toml'), 'utf8'));
  });
  all.load.push(loaded.ms);
  all.validate.push(validated.ms);
  all.diff.push(compared.ms);
  all.plain.push(plain.ms);
}

/** The look that finds a change: the kernel tells of it a moment after it was made, on a busy machine a longer one. */
async function lookUntilChanged({ folder, names }: Opened, before: FolderReading) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const looked = await timed(async () => await folder.look(names));
    if (!sameReading(before, looked.result)) return looked;
    assert.ok(performance.now() < deadline, 'the change is found within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Changes one file again and again, each time on top of the last; each step is timed. */
async function startChanges(opened: Opened) {
  const { folder, names } = opened;
  const path = join(opened.root, 'app0', 'service.toml');
  const read = createReader(opened);
  let before = await folder.look(names);
  let { pass } = compare(await read(before), nothing);
  return {
    path,
    read,
    async change(image: string) {
      await writeFile(path, textOf('app0', image));
      const looked = await lookUntilChanged(opened, before);
      before = looked.result;
      const changed = await timed(async () => await read(looked.result));
      const compared = await timed(() => compare(changed.result, pass));
      assert.deepEqual(compared.result.changed, ['app0']);
      ({ pass } = compared.result);
      return { look: looked.ms, read: changed.ms, diff: compared.ms, reading: looked.result };
    },
    /** The look that finds the change standing still. */
    confirm: async (reading: FolderReading) => await timed(async () => assert.ok(sameReading(reading, await folder.look(names)))),
  };
}

const changes = await startChanges(many);
const { read } = changes;
const changesOfOne = await startChanges(single);
await withoutHints.look(names);
const one: Record<'look' | 'confirm' | 'everything' | 'stat' | 'read' | 'diff' | 'write' | 'afresh' | 'alone' | 'single', number[]> = {
  look: [],
  confirm: [],
  everything: [],
  stat: [],
  read: [],
  diff: [],
  write: [],
  afresh: [],
  alone: [],
  single: [],
};
for (let round = 0; round < rounds; round += 1) {
  // In turns, so that neither always finds the caches as the other left them.
  const first = round % 2 === 0 ? await changesOfOne.change(`other${round}`) : null;
  const changed = await changes.change(`other${round}`);
  const ofSingle = first ?? (await changesOfOne.change(`other${round}`));
  const alone = await timed(async () => {
    const text = await readFile(changes.path, 'utf8');
    const reply = await render({ files: [{ path: 'app0/service.toml', text }] });
    for (const file of reply.files) parse(file.text);
  });
  // Last, so that what they leave to the garbage collector is not counted above.
  const confirmed = await changes.confirm(changed.reading);
  await changesOfOne.confirm(ofSingle.reading);
  const stats = await timed(async () => await Promise.all(names.map(async (name) => await stat(join(root, name, 'service.toml')))));
  const everything = await timed(async () => await withoutHints.look(names));
  // What is not compiled yet is not the work that is measured.
  if (round < rounds / 3) continue;
  one.look.push(changed.look);
  one.confirm.push(confirmed.ms);
  one.everything.push(everything.ms);
  one.stat.push(stats.ms);
  one.read.push(changed.read);
  one.diff.push(changed.diff);
  one.single.push(ofSingle.look + ofSingle.read + ofSingle.diff);
  one.alone.push(alone.ms);
}
const testBus = await startTestBus();
const counter = counting(await testBus.connect('watcher', { node }));
const inKv = createApplyConfiguration({ bus: counter.bus, clock });
let inForce = await folder.look(names);
await inKv.apply({ kind: 'valid', configuration: await read(inForce) });

const entries = { light: [] as number[], written: [] as number[], afresh: [] as number[] };
for (let round = 0; round < roundsOfAll; round += 1) {
  await writeFile(join(root, 'app0', 'service.toml'), textOf('app0', `stored${round}`));
  inForce = (await lookUntilChanged(many, inForce)).result;
  const judged = { kind: 'valid', configuration: await read(inForce) } as const;
  const already = counter.read();
  const writtenAlready = counter.written();
  const written = await timed(async () => await inKv.apply(judged, { afresh: false }));
  assert.equal(written.result.outcome, 'applied');
  entries.light.push(counter.read() - already);
  entries.written.push(counter.written() - writtenAlready);
  const afresh = await timed(async () => await inKv.apply(judged));
  assert.equal(afresh.result.outcome, 'unchanged');
  entries.afresh.push(counter.read() - already - (entries.light.at(-1) ?? 0));
  one.write.push(written.ms);
  one.afresh.push(afresh.ms);
}
await testBus.close();

const ms = (numbers: readonly number[]) => `${median(numbers).toFixed(2)} ms`;
const ratio = (numbers: readonly number[], beside: readonly number[]) => (median(numbers) / median(beside)).toPrecision(3);
console.log(`all: load ${ms(all.load)}, validate ${ms(all.validate)}, diff ${ms(all.diff)}`);
console.log(
  `all beside reading and parsing every file: ${ratio(
    all.load.map((each, index) => each + (all.validate[index] ?? 0)),
    all.plain,
  )}`,
);
const sum = (...of: readonly (readonly number[])[]) =>
  (of[0] ?? []).map((_, round) => of.reduce((total, each) => total + (each[round] ?? 0), 0));
console.log(
  `one changed file: in a folder of that file alone ${ms(one.single)}; no more than reading, rendering and parsing it ${ms(one.alone)}`,
);
console.log(
  `  look at the folder ${ms(one.look)}, every 0.6 s; the one that finds the change standing still, at everything, ${ms(one.confirm)}`,
);
console.log(`  look at everything without hints ${ms(one.everything)} (stat of ${count} files through the pool ${ms(one.stat)})`);
console.log(`  read ${ms(one.read)}, diff ${ms(one.diff)}`);
console.log(`  into KV ${ms(one.write)}, diff included: entries read ${median(entries.light)}, writes ${median(entries.written)}`);
console.log(`  a pass that reads everything from KV ${ms(one.afresh)}: entries read ${median(entries.afresh)}; every 30 s`);
const total = sum(one.look, one.read, one.diff);
console.log(`one changed file, look + read + diff, beside the same in a folder of that file alone: ${ratio(total, one.single)}`);
console.log(`one changed file, look + read + diff, beside no more than reading, rendering and parsing it: ${ratio(total, one.alone)}`);
console.log(`one changed file, look + read + diff, beside everything anew: ${ratio(total, sum(all.load, all.validate, all.diff))}`);
for (const opened of [many, single]) {
  await opened.hints.close();
  await rm(opened.root, { recursive: true });
}
