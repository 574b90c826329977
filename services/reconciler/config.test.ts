import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReconcilerConfig } from './config.ts';

describe('the settings of the reconciler', () => {
  it('have defaults for all but the network, whose name follows from the main file', () => {
    assert.deepEqual(ReconcilerConfig.parse({}), {
      KEDGE_DOCKER_SOCKET: '/var/run/docker.sock',
      KEDGE_CONFIG_MOUNT: '/config',
      KEDGE_PROXY_LOST_AFTER: 60_000,
      KEDGE_DEPENDENCY_DEADLINE: 600_000,
      KEDGE_MAX_ROLLOUTS: 4,
      KEDGE_SUBNET: '172.28.0.0/16',
    });
  });

  it('take durations with their unit', () => {
    const lostAfter = (text: string) => ReconcilerConfig.parse({ KEDGE_PROXY_LOST_AFTER: text }).KEDGE_PROXY_LOST_AFTER;
    assert.deepEqual(['500ms', '5s', '2m'].map(lostAfter), [500, 5_000, 120_000]);
  });

  const wrong = {
    KEDGE_PROXY_LOST_AFTER: '60',
    KEDGE_DEPENDENCY_DEADLINE: 'soon',
    KEDGE_MAX_ROLLOUTS: '0',
    KEDGE_NETWORK: '-x',
    KEDGE_SUBNET: '172.28.0.0',
  };
  for (const [name, value] of Object.entries(wrong))
    it(`refuse ${name}=${value}`, () => assert.equal(ReconcilerConfig.safeParse({ [name]: value }).success, false));
});
