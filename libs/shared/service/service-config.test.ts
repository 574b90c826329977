import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment, ServiceConfig } from './service-config.ts';

describe('the settings of a component', () => {
  it('have a value each where nothing is said, and where what is said is empty', () => {
    const { KEDGE_INSTANCE: instance, ...config } = readEnvironment(ServiceConfig, { KEDGE_NODE: '', KEDGE_HEALTH_PORT: undefined });
    assert.match(instance, /^[a-zA-Z0-9_-]+$/);
    assert.deepEqual(config, {
      KEDGE_NODE: 'local',
      KEDGE_BUS_URL: 'nats://127.0.0.1:4222',
      KEDGE_KEYS: '/run/kedge/keys',
      KEDGE_LOG_LEVEL: 'info',
      KEDGE_HEALTH_HOST: '127.0.0.1',
      KEDGE_HEALTH_PORT: 9_100,
    });
  });

  it('are read from text', () => {
    const { KEDGE_HEALTH_PORT: port, KEDGE_NODE: node } = readEnvironment(ServiceConfig, { KEDGE_HEALTH_PORT: '0', KEDGE_NODE: 'two' });
    assert.deepEqual([port, node], [0, 'two']);
  });

  it('that are wrong are told together, each by its name', () => {
    const wrong = { KEDGE_HEALTH_PORT: '70000', KEDGE_NODE: 'a.b', KEDGE_LOG_LEVEL: 'loud', KEDGE_INSTANCE: 'no spaces' };
    assert.throws(
      () => readEnvironment(ServiceConfig, wrong),
      (thrown: Error & { readonly code?: string }) => {
        assert.equal(thrown.code, 'CONFIG_INVALID');
        for (const name of Object.keys(wrong)) assert.ok(thrown.message.includes(name), name);
        return true;
      },
    );
  });
});
