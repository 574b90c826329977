import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Identity, identities, subjects } from '../../contracts/index.ts';
import { renderNatsConfig } from './nats-config.ts';

const publicKeys = Object.fromEntries(identities.map((identity) => [identity, `U-${identity}`])) as Record<Identity, string>;
const rendered = renderNatsConfig({ publicKeys, hooks: ['backup'], storeFolder: '/data' });

/** The lines of one account. */
function accountOf(name: string, text = rendered): readonly string[] {
  const lines = text.split('\n');
  const start = lines.indexOf(`  ${name} {`);
  return start < 0 ? [] : lines.slice(start + 1, lines.indexOf('  }', start));
}

/** What the only user of an account may publish or subscribe to. */
function permitted(name: string, what: 'publish' | 'subscribe'): readonly string[] {
  const user = accountOf(name).find((line) => line.includes('users:')) ?? '';
  const list = new RegExp(`${what}: \\[([^\\]]*)\\]`).exec(user)?.[1] ?? '';
  return [...list.matchAll(/"([^"]*)"/g)].map(([, subject = '']) => subject);
}

describe('the configuration of the server', () => {
  it('has an account of its own for each identity, with one user', () => {
    for (const identity of identities.filter((each) => each !== 'provision')) {
      const users = accountOf(identity.toUpperCase()).filter((line) => line.includes('users:'));
      assert.equal(users.length, 1, identity);
      assert.match(users[0] ?? '', new RegExp(`nkey: U-${identity},`));
    }
  });

  it('keeps JetStream in the account of its owner, which only provision enters', () => {
    assert.equal(rendered.match(/jetstream: enabled/g)?.length, 1);
    assert.ok(accountOf('KEDGE').some((line) => line.includes('jetstream: enabled')));
    assert.deepEqual(permitted('KEDGE', 'publish'), ['$JS.API.>', '$KV.*._epoch']);
  });

  it('lets nobody else reach the programming interface of the store, or hear another inbox', () => {
    for (const identity of identities.filter((each) => each !== 'provision')) {
      const account = identity.toUpperCase();
      for (const subject of permitted(account, 'publish'))
        assert.doesNotMatch(subject, /^(\$JS\.API|\$KV|_INBOX|>)/, `${identity} ${subject}`);
      const inboxes = permitted(account, 'subscribe').filter((subject) => subject.startsWith('_INBOX'));
      assert.deepEqual(inboxes, [`_INBOX_${identity}.>`]);
    }
  });

  it('lets only its owner answer a request, and only as a member of the queue group', () => {
    for (const [subject, contract] of Object.entries(subjects)) {
      if (contract.kind !== 'request') continue;
      const hearing = identities.filter((identity) => {
        return permitted(identity.toUpperCase(), 'subscribe').some((each) => each.split(' ')[0] === subject);
      });
      assert.deepEqual(hearing, [contract.owner], subject);
      assert.ok(permitted(contract.owner.toUpperCase(), 'subscribe').includes(`${subject} ${contract.owner}`));
    }
  });

  it('gives each hook that has a name its durable consumer', () => {
    const hooks = accountOf('HOOKS').join('\n');
    assert.match(hooks, /CONSUMER\.MSG\.NEXT\.EVENTS\.hook-backup/);
    assert.doesNotMatch(accountOf('HOOKS', renderNatsConfig({ publicKeys, hooks: [], storeFolder: '/data' })).join('\n'), /hook-backup/);
  });

  it('takes the ports and the folder that it is given', () => {
    const other = renderNatsConfig({ publicKeys, hooks: [], storeFolder: '/with "quotes"', port: 5_222, monitorPort: 9_222 });
    assert.match(other, /listen: "0\.0\.0\.0:5222"/);
    assert.match(other, /http: "127\.0\.0\.1:9222"/);
    assert.match(other, /store_dir: "\/with \\"quotes\\""/);
  });
});
