import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Argon2Hash, type PasswordHash, parsePasswordHash } from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import { createPasswords, type Login } from './passwords.ts';

const hash = parsePasswordHash('$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc') as Argon2Hash;
const users = new Map([
  ['ann', 'key ann'],
  ['bob', 'key bob'],
]);

/** Logins whose passwords are the names of their users, in a time of their own. */
function arrange({ known = (_key: string): PasswordHash | 'unusable' | null => hash, of = users } = {}) {
  let at = 0;
  const made: string[] = [];
  const open: (() => void)[] = [];
  let isSlow = false;
  const passes: number[] = [];
  const verify = async (password: string, compared: PasswordHash) => {
    made.push(password);
    if (compared.kind === 'argon2') passes.push(compared.passes);
    if (isSlow) await new Promise<void>((resolve) => open.push(resolve));
    return password === 'right';
  };
  const passwords = createPasswords({ hashes: { of: known }, verify, now: () => at, log: silentLog() });
  const login = async (user: string, password: string, client = 'c'): Promise<Login> =>
    await passwords.check({ users: of, user, password, client });
  return { login, made, passes, pass: (ms: number) => (at += ms), slow: (is: boolean) => (isSlow = is), open };
}

describe('a login', () => {
  it('is right or wrong, and a hash is made for each that is not known to be right', async () => {
    const { login, made } = arrange();
    assert.deepEqual([await login('ann', 'wrong'), await login('ann', 'right'), await login('ann', 'right')], ['wrong', 'right', 'right']);
    assert.deepEqual(made, ['wrong', 'right']);
  });

  it('is of one name: what is right for one is no shorter way for another', async () => {
    const { login, made } = arrange();
    await login('ann', 'right');
    await login('bob', 'right');
    assert.equal(await login('eve', 'right'), 'wrong');
    assert.equal(await login('eve', 'right'), 'wrong');
    assert.equal(made.length, 4, 'a hash is made for who has no name, too');
  });

  it('is right for five minutes after it was last used, and for an hour at most', async () => {
    const { login, made, pass } = arrange();
    await login('ann', 'right');
    pass(300_000);
    await login('ann', 'right');
    assert.equal(made.length, 2, 'not used for five minutes');
    for (let used = 0; used < 3_600_000; used += 200_000) {
      assert.deepEqual([await login('ann', 'right'), made.length], ['right', 2]);
      pass(200_000);
    }
    await login('ann', 'right');
    assert.equal(made.length, 3, 'used for an hour');
  });

  it('that comes with many requests at once is one try, and one hash is made for it', async () => {
    const { login, made, slow, open, pass } = arrange();
    for (const round of [1, 2]) {
      slow(true);
      const all = Array.from({ length: 40 }, async (_, index) => await login('ann', 'right', index % 2 === 0 ? 'c' : 'd'));
      const guesses = Array.from({ length: 40 }, async () => await login('ann', 'wrong', 'e'));
      await Promise.resolve();
      slow(false);
      for (const each of open.splice(0)) each();
      assert.deepEqual(new Set(await Promise.all(all)), new Set(['right']));
      assert.deepEqual(new Set(await Promise.all(guesses)), new Set(['wrong']));
      assert.deepEqual(made.splice(0).toSorted(), ['right', 'wrong'], `round ${round}`);
      pass(300_000);
    }
  });

  it('that turns out right is no try: many people log in behind one address', async () => {
    const people = new Map(Array.from({ length: 150 }, (_, index) => [`p${index}`, `key ${index}`]));
    const { login } = arrange({ of: people });
    const atOnce = await Promise.all([...people.keys()].map(async (person) => await login(person, 'right')));
    assert.deepEqual(new Set(atOnce), new Set(['right']));
    for (const person of people.keys()) assert.equal(await login(person, 'right', 'one by one'), 'right');
  });

  it('does not fail with the tries of another client that came with the same before', async () => {
    const { login, slow, open } = arrange();
    slow(true);
    const guesses = Array.from({ length: 40 }, async (_, index) => await login('ann', `guess ${index}`, 'guesser'));
    const guessed = login('ann', 'right', 'guesser');
    const own = login('ann', 'right', 'ann');
    await Promise.resolve();
    slow(false);
    for (const each of open.splice(0)) each();
    assert.deepEqual([await guessed, await own], ['busy', 'right']);
    const outcomes = await Promise.all(guesses);
    assert.deepEqual([outcomes.indexOf('busy'), outcomes.lastIndexOf('wrong')], [30, 29]);
  });

  it('is neither right nor wrong while its hash is not known', async () => {
    const { login, made } = arrange({ known: () => null });
    assert.deepEqual([await login('ann', 'right'), await login('eve', 'right'), made.length], ['unknown', 'unknown', 0]);
  });

  it('of a name that nobody has is compared with the hash that takes longest, whichever others there are', async () => {
    const hashes: Readonly<Record<string, PasswordHash | 'unusable' | null>> = {
      'key bcrypt': 'unusable',
      'key late': null,
      'key cheap': { ...hash, passes: 1 },
      'key dear': { ...hash, passes: 3 },
    };
    const names = ['bcrypt', 'late', 'cheap', 'dear', 'cheap'];
    for (const [length, expected] of [
      [1, 'wrong'],
      [2, 'unknown'],
      [3, 1],
      [4, 3],
      [5, 3],
    ] as const) {
      const of = new Map(names.slice(0, length).map((name, index) => [`${index}`, `key ${name}`]));
      const { login, passes } = arrange({ known: (key) => hashes[key] ?? null, of });
      const outcome = await login('eve', 'right');
      assert.deepEqual(passes[0] ?? outcome, expected);
    }
    const { login } = arrange({ known: (key) => hashes[key] ?? null, of: new Map([['ann', 'key bcrypt']]) });
    assert.equal(await login('ann', 'right'), 'unusable');
  });

  it('is tried by one client so often in a minute, and by others all the same', async () => {
    const { login, pass } = arrange();
    for (let round = 0; round < 30; round += 1) assert.equal(await login('ann', `guess ${round}`, 'guesser'), 'wrong');
    assert.equal(await login('ann', 'right', 'guesser'), 'busy');
    assert.equal(await login('ann', 'right', 'other'), 'right');
    assert.equal(await login('ann', 'right', 'guesser'), 'right', 'no hash has to be made');
    pass(2_000);
    assert.equal(await login('ann', 'guess', 'guesser'), 'wrong');
  });

  it("by a name that nobody has is a try, also with a password that is somebody else's", async () => {
    const { login } = arrange();
    const outcomes: Login[] = [];
    for (let round = 0; round < 31; round += 1) outcomes.push(await login('eve', 'right'));
    assert.deepEqual(outcomes.slice(29), ['wrong', 'busy']);
  });

  for (const [attackers, atMost] of [
    [10, 14],
    [12, 16],
    [50, 54],
  ] as const) {
    it(`finds a place and its turn while ${attackers} others guess as much as they can`, async () => {
      const { login, made, slow, open } = arrange();
      slow(true);
      const guesses = Array.from(
        { length: attackers * 200 },
        async (_, index) => await login('ann', `guess ${index}`, `a${index % attackers}`),
      );
      const first = login('ann', 'right', 'other');
      const second = login('bob', 'right', 'another');
      slow(false);
      for (const each of open.splice(0)) each();
      assert.deepEqual([await first, await second], ['right', 'right']);
      assert.ok(made.lastIndexOf('right') < atMost, `${made.lastIndexOf('right')} hashes were made before`);
      const outcomes = await Promise.all(guesses);
      assert.deepEqual(new Set(outcomes), new Set(['wrong', 'busy']));
    });
  }

  it('does not wait behind all that one client asks for', async () => {
    const { login, made, slow, open } = arrange();
    slow(true);
    const guesses = Array.from({ length: 202 }, async (_, index) => await login('ann', `guess ${index}`, 'guesser'));
    const first = login('ann', 'right', 'other');
    assert.deepEqual(await Promise.race([guesses[200], guesses[201]]), 'busy');
    slow(false);
    for (const each of open.splice(0)) each();
    assert.equal(await first, 'right');
    await Promise.all(guesses);
    assert.ok(made.indexOf('right') <= 3, made.join());
  });
});
