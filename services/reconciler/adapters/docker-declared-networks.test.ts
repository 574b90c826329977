import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NodeName } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { networkPlan } from '../core/networks/network-plan.ts';
import type { DockerApi, DockerCall } from './docker-api.ts';
import { ensureNetwork, inUse } from './docker-declared-networks.ts';
import { engineError } from './docker-errors.ts';

const plan = networkPlan({ name: 'back' }, NodeName.parse('local'));

/** An engine on which somebody else takes the subnet that was free a moment ago, so many times. */
function createFake(times: number) {
  const asked: string[] = [];
  const networks = new Map<string, string>();
  let left = times;
  let probes = 0;

  function answer({ method, path, body }: DockerCall): unknown {
    const name = decodeURIComponent(path.replace('/networks/', ''));
    if (method === 'GET') {
      const subnet = networks.get(name);
      if (subnet === undefined) throw new RetryableError('ENGINE_REFUSED', 'no such network', { details: { status: 404 } });
      return { Id: name, Name: name, IPAM: { Config: [{ Subnet: subnet }] } };
    }
    if (method === 'DELETE') return networks.delete(name);
    const { Name, IPAM } = body as { readonly Name: string; readonly IPAM?: { readonly Config?: readonly { readonly Subnet: string }[] } };
    const wanted = IPAM?.Config?.[0]?.Subnet;
    if (wanted !== undefined) asked.push(`${Name} ${wanted}`);
    if (wanted !== undefined && left > 0) {
      left -= 1;
      throw new RetryableError('SUBNET_TAKEN', 'Pool overlaps with other one on this address space', { details: { status: 403 } });
    }
    if (wanted === undefined) probes += 1;
    networks.set(Name, wanted ?? `10.9.${probes}.0/24`);
    return {};
  }

  const never = async () => await Promise.reject(new Error('nobody asks for that'));
  const api: DockerApi = { send: async (call, schema) => await schema.parseAsync(answer(call)), read: never, open: never };
  return { api, asked, networks };
}

describe('a network whose subnet somebody else takes meanwhile', () => {
  it('is made on the next one, and nothing is left of the search', async () => {
    const { api, asked, networks } = createFake(2);
    await ensureNetwork(api, plan);
    assert.deepEqual(asked, ['back 10.9.1.0/24', 'back 10.9.2.0/24', 'back 10.9.3.0/24']);
    assert.deepEqual([...networks], [['back', '10.9.3.0/24']]);
  });

  it('is given up after a while, in the words of the engine', async () => {
    const { api, asked, networks } = createFake(100);
    await assert.rejects(ensureNetwork(api, plan), { code: 'SUBNET_TAKEN' });
    assert.deepEqual([asked.length, networks.size], [5, 0]);
  });
});

describe('a network that the engine does not make', () => {
  const never = async () => await Promise.reject(new Error('nobody asks for that'));
  const refusals = [
    [TerminalError, 400, 'ENGINE_REFUSED', 'the container engine refused to make network back: no driver for back'],
    [RetryableError, 500, 'ENGINE_ERROR', 'the container engine failed to make network back: no driver for back'],
  ] as const;
  for (const [Kind, statusCode, code, message] of refusals)
    it(`is told by the name that was declared, and as what it was: ${code}`, async () => {
      async function send({ what, method, body }: DockerCall): Promise<never> {
        if (method === 'GET') throw new TerminalError('ENGINE_REFUSED', 'no such network', { details: { status: 404 } });
        const { Name } = body as { readonly Name: string };
        throw engineError(what, Object.assign(new Error(), { statusCode, json: { message: `no driver for ${Name}` } }));
      }
      await assert.rejects(ensureNetwork({ send, read: never, open: never }, plan), (thrown) => {
        assert.ok(thrown instanceof Kind);
        assert.deepEqual([thrown.code, thrown.message], [code, message]);
        assert.deepEqual(thrown.details, { status: statusCode, sentence: 'no driver for back' });
        return true;
      });
    });
});

describe('a network that others are on', () => {
  for (const [names, expected] of [
    [[], 'a container is on network back; take it off with "docker network disconnect back <container>"'],
    [['a'], 'a is on network back; take it off with "docker network disconnect back <container>"'],
    [['a', 'b'], 'a, b are on network back; take each off with "docker network disconnect back <container>"'],
  ] as const)
    it(`is told with their names: ${names.join(', ') || 'none is known'}`, () => {
      const { message } = inUse(
        'back',
        names.map((name) => ({ name })),
      );
      assert.equal(message, expected);
    });
});
