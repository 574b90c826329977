import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

async function bash(script: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
  });
  return stdout;
}

/** Makes an image without a name, as a build leaves one that it replaced. */
async function buildReplacedImage(test: string, project: string): Promise<string> {
  const labels = ['kedge.image=component', `com.docker.compose.project=${project}`, `kedge.test=${test}`];
  const dockerfile = `FROM scratch\nLABEL ${labels.join(' ')}\n`;
  return (await bash('printf "%s" "$DOCKERFILE" | docker build --quiet -', { DOCKERFILE: dockerfile })).trim();
}

describe('what npm stop says of what is left', () => {
  const node = `test-${randomUUID().slice(0, 8)}`;
  const settings = { KEDGE_NODE: node, COMPOSE_PROJECT_NAME: node };
  const say = async () => await bash('root=$PWD; source scripts/lib/leftovers.sh; say_leftovers', settings);

  it('names workloads that ended too, and the command that removes exactly them', async () => {
    const name = `kedge-${node}`;
    await bash(`docker create --name ${name} --label kedge.test=${node} --label kedge.node=${node} nats:2.15-alpine`);
    try {
      const said = await say();
      const warning = `these are all of node ${node}, also those of another installation on this engine that calls its node so`;
      assert.match(said, new RegExp(`^ {2}workloads {3}${name} \\(.*; ${warning}\\)$`, 'm'));
      const command = `docker rm -f $(docker ps -aq --filter label=kedge.node=${node})`;
      assert.ok(said.includes(`remove: ${command}\n`), said);
      await bash(command);
      assert.match(await say(), /^ {2}workloads {3}none$/m);
    } finally {
      await bash(`docker rm -f ${name} 2>/dev/null || true`);
    }
  });

  it('names networks that Kedge made for this node, also where none of its workloads is on them', async () => {
    const names = [`kedge-${node}`, `kedge-${node}-other`];
    const create = (name: string, owner: string) =>
      bash(`docker network create --label kedge.test=${node} --label managed-by=kedge --label kedge.node=${owner} ${name}`);
    try {
      await Promise.all(names.map(async (name, index) => await create(name, index === 0 ? node : `${node}-other`)));
      const said = await say();
      assert.match(said, new RegExp(`^ {2}networks {4}(?:\\S+ )*kedge-${node}( |$)`, 'm'));
      assert.doesNotMatch(said, new RegExp(`kedge-${node}-other`));
    } finally {
      await bash(`docker network rm ${names.join(' ')} 2>/dev/null || true`);
    }
  });

  it('counts the volumes of this project only', async () => {
    assert.doesNotMatch(await say(), /^ {2}volumes/m);
    const name = `kedge-${node}`;
    await bash(`docker volume create --label kedge.test=${node} --label com.docker.compose.project=${node} ${name}`);
    try {
      assert.match(await say(), /^ {2}volumes {5}1 of the stack/m);
    } finally {
      await bash(`docker volume rm ${name}`);
    }
  });
});

describe('what npm stop says of kedge dev', () => {
  const node = `test-${randomUUID().slice(0, 8)}`;
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-leftovers-'));
    for (const each of ['scripts', 'docker-compose.yml']) await symlink(join(root, each), join(folder, each));
  });
  after(async () => await rm(folder, { recursive: true }));
  const say = async () =>
    await bash('cd "$folder"; root=$PWD; source scripts/lib/leftovers.sh; say_leftovers', {
      folder,
      KEDGE_NODE: node,
      COMPOSE_PROJECT_NAME: node,
    });

  it('names a dev stack of this folder that runs, and no other', async () => {
    const name = `kedge-${node}`;
    const labels = ['com.docker.compose.project=kedge-dev', `com.docker.compose.project.working_dir=${folder}`, `kedge.test=${node}`];
    assert.doesNotMatch(await say(), /dev stack/);
    await bash(`docker run --detach --name ${name} ${labels.map((label) => `--label ${label}`).join(' ')} nats:2.15-alpine`);
    try {
      assert.match(await say(), /^ {2}dev stack {3}it runs .*"\.\/kedge dev --down" takes it down$/m);
      assert.doesNotMatch(await bash('root=$PWD; source scripts/lib/leftovers.sh; root=/usr say_dev_stack'), /dev stack/);
    } finally {
      await bash(`docker rm -f ${name}`);
    }
  });

  it('keeps the keys of the dev stack when those of this one go', async () => {
    const name = `kedge-${node}`;
    await mkdir(join(folder, '.kedge/nats'), { recursive: true });
    await writeFile(join(folder, '.kedge/cli.nk'), '');
    await bash(`docker volume create --label kedge.test=${node} --label com.docker.compose.project=${node} ${name}`);
    const removal = async () => /^ +remove: docker compose .* down --volumes; (.*)$/m.exec(await say())?.[1] ?? '';
    try {
      assert.equal(await removal(), 'rm -rf .kedge');
      await mkdir(join(folder, '.kedge/dev/.kedge'), { recursive: true });
      await bash(`cd "$folder"; ${await removal()}`, { folder });
      assert.deepEqual(await readdir(join(folder, '.kedge')), ['dev']);
      assert.deepEqual(await readdir(join(folder, '.kedge/dev')), ['.kedge']);
      await bash(`docker volume create --label kedge.test=${node} --label com.docker.compose.project=kedge-dev ${name}-dev`);
      assert.match(
        await say(),
        /^ {2}dev stack {3}volumes and keys .*\n +remove: docker volume rm .*project=kedge-dev\); rm -rf \.kedge\/dev$/m,
      );
    } finally {
      await bash(`docker volume rm -f ${name} ${name}-dev`);
    }
  });
});

describe('what npm start throws away', () => {
  it('is what a build of this project replaced, and nothing of another', async () => {
    const project = `test-${randomUUID().slice(0, 8)}`;
    const [ours, theirs] = await Promise.all([buildReplacedImage(project, project), buildReplacedImage(project, `${project}-other`)]);
    try {
      await bash('root=$PWD; source scripts/lib/prepare.sh; prune_replaced_images', { COMPOSE_PROJECT_NAME: project });
      const left = await bash(`docker image ls --all --quiet --no-trunc --filter label=kedge.test=${project}`);
      assert.deepEqual(left.trim().split('\n'), [theirs]);
    } finally {
      await bash(`docker image rm ${ours} ${theirs} 2>/dev/null || true`);
    }
  });
});
